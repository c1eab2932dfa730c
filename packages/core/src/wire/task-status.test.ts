import { expect, test } from 'vitest';
import { isTerminal, TASK_STATUSES } from './task-status.ts';

test('a task that waits or runs has not ended; every other has', () => {
  expect(TASK_STATUSES).toEqual(['waiting', 'running', 'finished', 'failed', 'canceled']);
  expect(TASK_STATUSES.map(isTerminal)).toEqual([false, false, true, true, true]);
});
