import { expect, test } from 'vitest';
import { isTaskResult } from './task-result.ts';
import { taskResultSchema } from './task-result-schema.ts';

const task = { task_id: '1', status: 'waiting' };

test.each([
  [true, task],
  [true, { ...task, status: 'finished', outputs: [{ url: 'https://x.test' }], more: 1 }],
  [true, { ...task, outputs: [] }],
  [false, { ...task, task_id: 1 }],
  [false, { ...task, status: 'sleeping' }],
  [false, { ...task, outputs: null }],
  [false, { ...task, outputs: { url: 'x' } }],
  [false, { ...task, outputs: [{ url: 1 }] }],
  [false, { ...task, outputs: [null] }],
  [false, { status: 'waiting' }],
  [false, []],
  [false, 'text'],
  [false, null],
  [false, undefined],
])('%s: %j, by the small rule as by the schema', (isRight, value) => {
  expect(isTaskResult(value)).toBe(isRight);
  expect(taskResultSchema.safeParse(value).success).toBe(isRight);
});
