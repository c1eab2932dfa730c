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
  'a family is as it was written: %j',
  (given) => {
    expect(defineWorkflowFamily(given)).toBe(given);
  },
);

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
