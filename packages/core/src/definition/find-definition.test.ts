import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { findDefinition } from './find-definition.ts';
import { defineWorkflow } from './workflow-definition.ts';

const family = ['sdxl', 'lora', 'sd15'].map((workflow_id) =>
  defineWorkflow({
    workflow_id,
    task_type: 'txt2img',
    title: workflow_id,
    parameters: z.strictObject({ prompt: z.string(), ...(workflow_id === 'lora' && { lora_name: z.string() }) }),
    graph: { a: { class_type: 'A', inputs: { prompt: '', lora_name: '' } } },
    bindings: { prompt: 'a.prompt' },
    outputs: ['a'],
  }),
);
const find = (workflow_id: string | null | undefined, parameters: object, task_type = 'txt2img') =>
  findDefinition(family, task_type, workflow_id, { ...parameters })?.workflow_id;

test.each([undefined, null, ''])('workflow id %s: the first of the type that accepts the parameters', (none) => {
  expect(find(none, { prompt: 'x' })).toBe('sdxl');
  expect(find(none, { prompt: 'x', lora_name: 'y' })).toBe('lora');
});

test('if none accepts them, the first, which says what is wrong', () => {
  expect(find(undefined, { nonsense: 1 })).toBe('sdxl');
});

test('of those that accept them, the first that a miner runs', () => {
  const served = (...ids: string[]) =>
    findDefinition(family, 'txt2img', undefined, { prompt: 'x' }, (id) => ids.includes(id))?.workflow_id;
  expect([served('sd15'), served('sd15', 'sdxl'), served('lora'), served()]).toEqual(['sd15', 'sdxl', 'sdxl', 'sdxl']);
  // one that does not accept them is no choice, whoever runs it
  const lora = findDefinition(family, 'txt2img', null, { prompt: 'x', lora_name: 'y' }, (id) => id === 'sdxl');
  expect(lora?.workflow_id).toBe('lora');
});

test('a workflow id decides alone', () => {
  expect(find('lora', { prompt: 'x' })).toBe('lora');
  expect(find('lora', { prompt: 'x' }, 'other')).toBe('lora');
  expect(find('other', { prompt: 'x' })).toBeUndefined();
});

test('a type without a workflow has none', () => {
  expect(find(undefined, {}, 'txt2vid')).toBeUndefined();
});
