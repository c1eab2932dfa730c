import type { Graph } from '@heurist/core/definition';
import { planWorkflow } from '@heurist/graph-plan/plan-workflow';
import { expect, test } from 'vitest';
import { packageTests } from './package-tests.ts';

const flat = { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } };
const save = { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'x' } };

test.each<[string, Graph, true | undefined]>([
  ['one picture must show something', { a: flat, b: save }, true],
  ['of several, some may be flat on purpose', { a: flat, b: save, c: save }, undefined],
])('%s', (_, graph, not_blank) => {
  const [first] = packageTests(planWorkflow('x', graph, [])).tests;
  expect(first?.expect).toEqual({ count: { min: 1 }, kind: 'image', ...(not_blank && { not_blank }) });
});
