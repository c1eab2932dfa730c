import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { WorkflowTask } from '../task/workflow-task.ts';
import { defineWorkflowFamily, type WorkflowFamily } from './family.ts';
import { defineWorkflow } from './workflow-definition.ts';

class MyTask extends WorkflowTask {
  get task_type() {
    return 'mine';
  }
  get task_details() {
    return {};
  }
}
const definitions = ['large', 'small'].map((workflow_id) =>
  defineWorkflow({
    workflow_id,
    task_type: 'mine',
    title: workflow_id,
    parameters: z.looseObject({}),
    graph: { a: { class_type: 'A', inputs: {} } },
    bindings: {},
    outputs: ['a'],
  }),
);
const family: WorkflowFamily = {
  name: 'my-flow',
  title: 'Mine',
  makes: 'image',
  Task: MyTask,
  definitions,
  order: 1,
  defaultId: 'large',
};

test.each([family, { ...family, cpuId: 'small' }, { ...family, cpuId: 'large', name: 'text2image-x2-b' }])(
  'a family is as it was written, but for bounds of its runs: %j',
  (given) => {
    const { definitions: written, ...rest } = given;
    const { definitions: completed, ...same } = defineWorkflowFamily(given);
    expect(same).toEqual(rest);
    const bounds = { max_run_seconds: 5400, max_stalled_seconds: 2700 };
    expect(completed).toEqual(written.map((definition) => ({ ...definition, ...bounds })));
  },
);

test('a definition may set its own bounds, and videos take longer', () => {
  const own = { ...definitions[0]!, max_run_seconds: 60 };
  const [large, small] = defineWorkflowFamily({
    ...family,
    makes: 'video',
    definitions: [own, definitions[1]!],
  }).definitions;
  expect([large?.max_run_seconds, large?.max_stalled_seconds]).toEqual([60, 7200]);
  expect([small?.max_run_seconds, small?.max_stalled_seconds]).toEqual([28_800, 7200]);
});

test.each<[Partial<WorkflowFamily>, string]>([
  [{ defaultId: 'none' }, 'Family my-flow: there is no workflow "none" (known: large, small).'],
  [{ cpuId: 'none' }, 'Family my-flow: there is no workflow "none" (known: large, small).'],
  [{ definitions: [] }, 'Family my-flow: there is no workflow "large" (known: none).'],
  [{ defaultId: 'small' }, 'Family my-flow: the default "small" must be the first of its definitions.'],
  ...['MyFlow', 'my_flow', 'my--flow', '-my', 'my-', '2d', '', 'a b'].map((name): [Partial<WorkflowFamily>, string] => [
    { name },
    `Family ${name}: the name must be in kebab-case, such as \`my-flow\`.`,
  ]),
])('%j is refused', (change, message) => {
  expect(() => defineWorkflowFamily({ ...family, ...change })).toThrow(
    expect.objectContaining({ code: 'invalid_configuration', message }),
  );
});
