import { defineWorkflow } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { runnables } from '../src/workflows/runnables.ts';
import { families, workflows } from '../src/workflows/workflows.ts';

const all = runnables(workflows);
const find = (name: string) => all.find((runnable) => runnable.name === name);

test('every family and every workflow can be run by its name, and each name stands for one of them', () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name } of families) expect(names).toContain(name);
  for (const { workflow_id } of workflows) expect(names).toContain(workflow_id);
});

test('a family leaves the graph to the network, unless it has only one', () => {
  expect(find('text2video')).toMatchObject({ namesGraph: false, definition: { workflow_id: '1' } });
  expect(find('flux-lora')).toMatchObject({ namesGraph: true, definition: { workflow_id: '3' } });
});

test('--local runs the graph that needs no GPU', () => {
  const local = (name: string) => find(name)?.local?.workflow_id;
  expect(['text2image', 'inpaint', 'upscaler', 'tiny'].map(local)).toEqual([
    'tiny',
    'tiny-inpaint',
    'upscaler',
    'tiny',
  ]);
  expect(['text2video', 'sdxl'].map(local)).toEqual([undefined, undefined]);
});

test('a workflow of another package may run on this machine: only the engine knows', () => {
  const own = defineWorkflow({
    workflow_id: 'own',
    task_type: 'own',
    title: 'Own',
    parameters: z.strictObject({}),
    graph: { save: { class_type: 'SaveImage', inputs: {} } },
    bindings: {},
    outputs: ['save'],
  });
  expect(runnables([own])).toEqual([{ name: 'own', title: 'Own', definition: own, local: own, namesGraph: true }]);
});
