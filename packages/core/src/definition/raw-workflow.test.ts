import { expect, test } from 'vitest';
import { rawWorkflow } from './raw-workflow.ts';

const node = { class_type: 'A', inputs: {} };
const nodes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, id) => [id, node]));
const text = (length: number) => 'x'.repeat(length);
const messages = (parameters: unknown) =>
  rawWorkflow.parameters.safeParse(parameters).error?.issues.map(({ message }) => message);

test.each([
  { graph: nodes(1) },
  { graph: nodes(1000) },
  { graph: { [text(100)]: { class_type: text(200), inputs: { a: ['1', 0] } } } },
])('accepts a graph', (parameters) => {
  expect(messages(parameters)).toBeUndefined();
});

test.each([
  ['no graph', {}, /^is required \(a graph in API format/],
  ['no nodes', { graph: {} }, /^must have at least one node$/],
  ['too many nodes', { graph: nodes(1001) }, /^must have at most 1000 nodes$/],
  ['an empty id', { graph: { '': node } }, /ids of 1 to 100 characters/],
  ['a long id', { graph: { [text(101)]: node } }, /ids of 1 to 100 characters/],
  ['an empty class', { graph: { a: { ...node, class_type: '' } } }, /^must be text of 1 to 200 characters \(got ""\)$/],
  ['a long class', { graph: { a: { ...node, class_type: text(201) } } }, /^must be text of 1 to 200 characters/],
  ['no inputs', { graph: { a: { class_type: 'A' } } }, /^is required \(a JSON object\)$/],
  ['a node that is not one', { graph: { a: 1 } }, /^must be a node: \{ class_type, inputs \} \(got 1\)$/],
])('refuses %s', (_, parameters, message) => {
  expect(messages(parameters)).toEqual([expect.stringMatching(message)]);
});

test('other parameters are refused', () => {
  expect(rawWorkflow.parameters.safeParse({ graph: nodes(1), seed: 1 }).error?.issues).toMatchObject([
    { code: 'unrecognized_keys', keys: ['seed'] },
  ]);
});

test('it has no graph, files or models of its own', () => {
  const { workflow_id, task_type, title, graph, bindings, constants, files, outputs, requirements } = rawWorkflow;
  expect([workflow_id, task_type, title]).toEqual(['raw', 'raw', 'Raw graph']);
  expect([graph, bindings, files]).toEqual([{}, {}, {}]);
  expect([constants, outputs, requirements.nodes, requirements.models]).toEqual([[], [], [], []]);
});
