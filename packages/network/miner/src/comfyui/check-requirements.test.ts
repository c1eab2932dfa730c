import { ComfyClient } from '@heurist/comfyui';
import { defineWorkflow } from '@heurist/core/definition';
import { startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { checkWorkflow, checkWorkflows } from './check-requirements.ts';

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

test.each([
  [undefined, undefined, 'model file models/vae/x.pth'],
  ['https://x', undefined, 'model file models/vae/x.pth (from https://x)'],
  [undefined, 999_400_000, 'model file models/vae/x.pth (999 MB)'],
  ['https://x', 2_340_000_000, 'model file models/vae/x.pth (from https://x, 2.3 GB)'],
])('a missing model from %s of %s bytes', (url, bytes, expected) => {
  const missing = { folder: 'vae', filename: 'x.pth', ...(url && { url }), ...(bytes && { bytes }) };
  const requirements = { nodes: [], models: [missing] } as unknown as typeof definition.requirements;
  expect(checkWorkflow({ ...definition, requirements }, new Set(), new Map()).missing).toEqual([expected]);
});

test('a server is asked for each folder once, and each workflow gets what concerns it', async () => {
  const server = await startSlowComfyui({ models: { upscale_models: ['b.onnx'] } });
  const proxy = await startFaultProxy(server.url);
  const checks = await checkWorkflows(new ComfyClient({ url: proxy.url }), [definition, definition]);
  expect(checks).toMatchObject(
    Array(2).fill({ workflow_id: 'demo', models: { 'big.pth': 'b.onnx' }, missing: [], info: { SaveImage: {} } }),
  );
  expect(proxy.calls.filter(({ path }) => path === '/models/upscale_models').length).toBe(1);
  await proxy.stop();
  await server.stop();
});

test('what is missing is named with its source', () => {
  expect(check([], []).missing).toEqual([
    'node class SaveImage',
    'model file models/upscale_models/big.pth (from https://models/big.pth)',
  ]);
});
