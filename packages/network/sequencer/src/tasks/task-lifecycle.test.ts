import { TASK_STATUSES, type TaskStatus } from '@heurist/core';
import { expect, test } from 'vitest';
import { type TaskEvent, transition } from './task-lifecycle.ts';

const events: TaskEvent[] = ['claim', 'hand_out_again', 'finish', 'fail', 'cancel'];
const table: Record<TaskStatus, (TaskStatus | undefined)[]> = {
  //         claim      again      finish      fail      cancel
  waiting: ['running', undefined, undefined, 'failed', 'canceled'],
  running: [undefined, 'waiting', 'finished', 'failed', 'canceled'],
  finished: [undefined, undefined, undefined, undefined, undefined],
  failed: [undefined, undefined, undefined, undefined, undefined],
  canceled: [undefined, undefined, undefined, undefined, undefined],
};

test.each(
  TASK_STATUSES.flatMap((status) => events.map((event, index) => [status, event, table[status][index]] as const)),
)('%s, %s -> %s', (status, event, next) => {
  expect(transition(status, event)).toBe(next);
});
