import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { bind, bindModels } from './bind.ts';
import { defineWorkflow } from './workflow-definition.ts';

describe('plain bindings', () => {
  const definition = defineWorkflow({
    workflow_id: 'demo',
    task_type: 'demo',
    title: 'Demo',
    parameters: z.strictObject({ seed: z.optional(z.number()), text: z.optional(z.string()) }),
    graph: {
      a: { class_type: 'A', inputs: { seed: 7, text: 'x', model: 'm.pth' } },
      b: { class_type: 'B', inputs: { seed: 7 } },
    },
    bindings: { seed: ['a.seed', 'b.seed'], text: 'a.text' },
    outputs: ['b'],
  });

  test('0, false and empty text are values; undefined is not', () => {
    const graph = bind(definition, { seed: 0, text: undefined });
    expect(graph.a?.inputs).toEqual({ seed: 0, text: 'x', model: 'm.pth' });
    expect(graph.b?.inputs).toEqual({ seed: 0 });
    expect(bind(definition, { text: '' }).a?.inputs.text).toBe('');
    expect(bind(definition, { text: false }).a?.inputs.text).toBe(false);
    expect(definition.graph.a?.inputs.seed).toBe(7);
  });

  test('a parameter without a binding is refused, unless it is undefined', () => {
    expect(() => bind(definition, { steps: 3 })).toThrow(
      expect.objectContaining({
        code: 'invalid_parameters',
        message:
          'Workflow demo has no binding for the parameter `steps`. Add one to its definition, or leave the parameter out.',
      }),
    );
    expect(bind(definition, { steps: undefined })).toEqual(definition.graph);
  });

  test('models are replaced wherever they stand, and nothing else is', () => {
    const bound = bindModels(definition.graph, { 'm.pth': 'm.onnx', 7: 'x' });
    expect(bound.a?.inputs).toEqual({ seed: 7, text: 'x', model: 'm.onnx' });
    expect(definition.graph.a?.inputs.model).toBe('m.pth');
    expect(bindModels(definition.graph, { toString: 'x' })).toEqual(definition.graph);
  });
});

describe('bindings with a rule', () => {
  const definition = defineWorkflow({
    workflow_id: 'x',
    task_type: 'x',
    title: 'x',
    parameters: z.looseObject({}),
    graph: { a: { class_type: 'A', inputs: { model: 'four.pth', half: 10, lora: 'l' } } },
    bindings: {
      scale: { node: 'a', input: 'model', values: { 2: 'two.pth', 4: 'four.pth' } },
      steps: { node: 'a', input: 'half', factor: 0.5 },
      lora: { node: 'a', input: 'lora', suffix: '.safetensors' },
    },
    outputs: ['a'],
  });

  test.each([
    [{ scale: 2 }, { model: 'two.pth' }],
    [{ scale: 3 }, { model: 'four.pth' }],
    [{ scale: 'toString' }, { model: 'four.pth' }],
    [{ steps: 8 }, { half: 4 }],
    [{ steps: 0 }, { half: 0 }],
    [{ lora: 'x' }, { lora: 'x.safetensors' }],
    [{ lora: 'x.safetensors' }, { lora: 'x.safetensors' }],
  ])('%j writes %j', (parameters, inputs) => {
    expect(bind(definition, parameters).a?.inputs).toMatchObject(inputs);
  });
});
