import { defineWorkflow } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { checkWorkflow } from './check-requirements.ts';

const model = {
  folder: 'upscale_models',
  filename: 'big.pth',
  url: 'https://models/big.pth',
  alternatives: ['a.onnx', 'b.onnx'],
};
const definition = defineWorkflow({
  workflow_id: 'demo',
  task_type: 'demo',
  title: 'Demo',
  parameters: z.strictObject({}),
  graph: { save: { class_type: 'SaveImage', inputs: {} } },
  bindings: {},
  files: {},
  outputs: ['save'],
  requirements: { nodes: ['SaveImage'], models: [model] },
});
const check = (nodes: string[], files: string[]) =>
  checkWorkflow(definition, new Set(nodes), new Map([['upscale_models', files]]));

test('the model that the graph names needs no replacement', () => {
  expect(check(['SaveImage'], ['b.onnx', 'big.pth'])).toMatchObject({ models: {}, missing: [] });
});

test('the best alternative is taken', () => {
  expect(check(['SaveImage'], ['b.onnx', 'a.onnx'])).toMatchObject({ models: { 'big.pth': 'a.onnx' }, missing: [] });
});

test('what is missing is named with its source', () => {
  expect(check([], []).missing).toEqual([
    'node class SaveImage',
    'model file models/upscale_models/big.pth (from https://models/big.pth)',
  ]);
});
