import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineWorkflow, unexplainedInputs, type WorkflowSource } from './workflow-definition.ts';

const source: WorkflowSource = {
  workflow_id: 'demo',
  task_type: 'demo',
  title: 'Demo',
  parameters: z.looseObject({}),
  graph: {
    a: { class_type: 'A', inputs: { seed: 7, text: 'x', 'dotted.name': 1 } },
    b: { class_type: 'B', inputs: { seed: 7, image: ['a', 0] } },
    c: { class_type: 'A', inputs: { seed: 7, text: 'x' } },
  },
  bindings: { seed: ['a.seed', { node: 'b', input: 'seed', factor: 2 }], dotted: 'a.dotted.name' },
  outputs: ['b'],
};

test('what follows from the rest is completed', () => {
  expect(defineWorkflow(source)).toEqual({
    ...source,
    bindings: {
      seed: [
        { node: 'a', input: 'seed' },
        { node: 'b', input: 'seed', factor: 2 },
      ],
      dotted: [{ node: 'a', input: 'dotted.name' }],
    },
    constants: [],
    files: {},
    requirements: { nodes: ['A', 'B'], models: [] },
  });
});

test('what was given is kept, and a definition can be defined again', () => {
  const models = [{ folder: 'vae', filename: 'a' }];
  const files = { seed: { kind: 'image' as const, max_bytes: 1 } };
  const definition = defineWorkflow({ ...source, files, requirements: { nodes: ['A', 'B', 'C'], models } });
  expect(definition).toMatchObject({ files, requirements: { nodes: ['A', 'B', 'C'], models } });
  expect(defineWorkflow(definition)).toEqual(definition);
});

describe('a definition that is not consistent is refused', () => {
  test.each<[Partial<WorkflowSource>, string]>([
    [
      { bindings: { seed: 'a.nope' } },
      'Workflow demo: parameter seed is bound to a.nope, which the graph does not have.',
    ],
    [
      { bindings: { seed: 'z.seed' } },
      'Workflow demo: parameter seed is bound to z.seed, which the graph does not have.',
    ],
    [{ constants: ['b.nope'] }, 'Workflow demo: constant b.nope is not an input of the graph.'],
    [{ constants: ['z.seed'] }, 'Workflow demo: constant z.seed is not an input of the graph.'],
    [{ outputs: ['z'] }, 'Workflow demo: output z is not a node of the graph.'],
    [{ outputs: [] }, 'Workflow demo: it has no outputs.'],
    [
      { max_run_seconds: 82_801, max_stalled_seconds: 0 },
      'Workflow demo: `max_run_seconds` must be above 0 and at most 82800 seconds (got 82801); `max_stalled_seconds` must be above 0 and at most 82800 seconds (got 0).',
    ],
    [
      { max_run_seconds: Number.NaN },
      'Workflow demo: `max_run_seconds` must be above 0 and at most 82800 seconds (got NaN).',
    ],
    [{ files: { image: { kind: 'image', max_bytes: 1 } } }, 'Workflow demo: file parameter image has no binding.'],
    [{ requirements: { nodes: ['A'] } }, 'Workflow demo: node class B is missing in requirements.nodes.'],
  ])('%j', (change, message) => {
    expect(() => defineWorkflow({ ...source, ...change })).toThrow(
      expect.objectContaining({ code: 'invalid_configuration', message }),
    );
  });

  test('with all problems at once', () => {
    const broken = { ...source, constants: ['b.nope'], outputs: ['z'], requirements: { nodes: ['A'] } };
    expect(() => defineWorkflow(broken)).toThrow(/constant b\.nope .*; output z .*; node class B /);
  });
});

describe('inputs that nothing explains', () => {
  test('constants of one node are written together', () => {
    expect(defineWorkflow({ ...source, constants: ['c.seed,text'] }).constants).toEqual(['c.seed', 'c.text']);
  });

  test('are literals that are not bound, constant, a model, or the prefix of an output', () => {
    const graph = {
      ...source.graph,
      b: { class_type: 'B', inputs: { ...source.graph.b!.inputs, filename_prefix: 'p', model: 'm.pth' } },
      c: { class_type: 'A', inputs: { text: 'x', filename_prefix: 'p', seed: 0, flag: false } },
    };
    const requirements = { models: [{ folder: 'vae', filename: 'm.pth' }] };
    const definition = defineWorkflow({ ...source, graph, requirements, constants: ['a.text'] });
    expect(unexplainedInputs(definition)).toEqual(['c.text', 'c.filename_prefix', 'c.seed', 'c.flag']);
    expect(unexplainedInputs({ ...definition, bindings: {}, constants: [] })).toEqual([
      ...['a.seed', 'a.text', 'a.dotted.name', 'b.seed'],
      ...['c.text', 'c.filename_prefix', 'c.seed', 'c.flag'],
    ]);
  });
});
