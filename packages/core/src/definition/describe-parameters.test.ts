import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  cfg,
  fixedSize,
  image,
  length,
  oneOf,
  options,
  prompt,
  seed,
  size,
  steps,
  text,
  whole,
} from '../parameters.ts';
import { describeParameters } from './describe-parameters.ts';
import { wireSchema } from './wire-schema.ts';
import { defineWorkflow } from './workflow-definition.ts';

const definition = () =>
  defineWorkflow({
    workflow_id: 'x',
    task_type: 'x',
    title: 'x',
    parameters: wireSchema(
      options(
        ...[prompt(), image(), size(16, 128), length({ min: 1, max: 9, step: 4, offset: 1 }), cfg(), seed(), steps()],
        ...[
          { noise_seed: seed().seed, seed_name: z.optional(text('x')) },
          { scale: z.optional(oneOf(2, 4)), ratio: z.optional(oneOf('1:1', '2:1')), kind: z.optional(oneOf('a', 'b')) },
          { fps_2: z.optional(z.number()), own: z.optional(z.number()), auto: z.optional(z.number()) },
          { width_3: fixedSize(64).width },
        ],
      ),
    ),
    graph: {
      a: {
        class_type: 'A',
        inputs: {
          p: 'fixed',
          i: 'a.png',
          w: 96,
          h: 0,
          l: 5,
          c: 7,
          s: 1,
          half: 10,
          m: 'four.pth',
          r: 20,
          k: 'other',
          n: 'z',
        },
      },
    },
    bindings: {
      ...{ prompt: 'a.p', image: 'a.i', width: 'a.w', height: 'a.h', length: 'a.l', cfg: 'a.c', seed: 'a.s' },
      ...{ noise_seed: 'a.s', seed_name: 'a.n', own: 'a.c' },
      steps: { node: 'a', input: 'half', factor: 0.5 },
      auto: { node: 'a', input: 'n', factor: 0.5 },
      scale: { node: 'a', input: 'm', values: { 2: 'two.pth', 4: 'four.pth' } },
      ratio: { node: 'a', input: 'r', values: { '1:1': 10, '2:1': 20 } },
      kind: { node: 'a', input: 'k', values: { a: 1, b: 2 } },
    },
    files: { image: { kind: 'image', max_bytes: 1 } },
    outputs: ['a'],
  });
const describe = () => describeParameters(definition());

test('only the options of the schema are there, and those that are required are listed', () => {
  const { properties, required, ...rest } = describe();
  expect(rest).toEqual({ type: 'object', additionalProperties: false });
  expect(required).toEqual(['prompt', 'image']);
  expect(Object.keys(properties).slice(0, 4)).toEqual(['prompt', 'image', 'width', 'height']);
});

test('names have meanings, also with a number after them; a meaning of the schema itself goes first', () => {
  const { properties } = describe();
  expect(properties.prompt?.description).toBe('what to make');
  expect(properties.fps_2?.description).toBe('frames per second');
  expect(properties.own).not.toHaveProperty('description');
  const described = z.strictObject({ prompt: z.string().register(z.globalRegistry, { description: 'mine' }) });
  expect(describeParameters({ ...definition(), parameters: described }).properties.prompt?.description).toBe('mine');
});

test('a piece of the vocabulary keeps its range if a check is added', () => {
  const odd = z.strictObject({ steps: whole({ min: 1, max: 9, step: 2, offset: 1 }).check(z.refine(() => true)) });
  const range = { type: 'integer', minimum: 1, maximum: 9, 'x-step': 2 };
  expect(describeParameters({ ...definition(), parameters: odd }).properties.steps).toMatchObject(range);
});

test('ranges and steps are those of the schema', () => {
  const { properties } = describe();
  expect(properties.width).toMatchObject({ type: 'integer', minimum: 64, maximum: 128, multipleOf: 16 });
  expect(properties.width).not.toHaveProperty('x-step');
  expect(properties.length).toMatchObject({ minimum: 1, maximum: 9, 'x-step': 4 });
  expect(properties.length).not.toHaveProperty('multipleOf');
  expect(properties.cfg).toMatchObject({ type: 'number', minimum: 0, maximum: 30 });
});

test('a choice of one is a choice', () => {
  const { properties } = describe();
  expect(properties.width_3).toEqual({ type: 'number', enum: [64], description: 'width in pixels' });
  expect(properties.ratio).toMatchObject({ enum: ['1:1', '2:1'] });
});

test.each([
  ['width', 96],
  ['height', 0],
  ['length', 5],
  ['cfg', 7],
  ['steps', 20],
  ['auto', 'z'],
  ['scale', 4],
  ['ratio', '2:1'],
  ['seed_name', 'z'],
])('the default of %s is what the graph comes to: %s', (name, value) => {
  expect(describe().properties[name]?.default).toBe(value);
});

test.each(['prompt', 'image', 'seed', 'noise_seed', 'kind', 'fps_2'])('%s has no default', (name) => {
  expect(describe().properties[name]).not.toHaveProperty('default');
});

test('a schema without fields has no parameters', () => {
  const empty = { ...definition(), parameters: z.strictObject({}) };
  expect(describeParameters(empty)).toMatchObject({ properties: {}, required: [] });
});
