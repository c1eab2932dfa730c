import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import { optional, options, seed, whole } from '@heurist/core/parameters';
import { expect, test } from 'vitest';
import { withSeed } from './with-seed.ts';

const workflow = (shape: Parameters<typeof options>[0]) =>
  defineWorkflow({
    workflow_id: 'x',
    task_type: 'x',
    title: 'x',
    parameters: wireSchema(options(shape)),
    graph: { '1': { class_type: 'X', inputs: { seed: 0 } } },
    bindings: { seed: '1.seed' },
    outputs: ['1'],
  });
const drawn = (shape: Parameters<typeof options>[0]) =>
  Array.from({ length: 50 }, () => Number(withSeed(workflow(shape), {}).seed));

test('a seed that is not given is drawn', () => {
  expect(new Set(drawn(seed())).size).toBeGreaterThan(1);
  expect(withSeed(workflow(seed()), { seed: 7 })).toEqual({ seed: 7 });
});

test('it is no larger than the workflow takes', () => {
  expect(Math.max(...drawn({ seed: optional(whole({ min: 0, max: 9 })) }))).toBeLessThan(10);
});
