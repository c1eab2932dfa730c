import type { TaskStatus } from '@heurist/core';

/** What can happen to a task. */
export type TaskEvent =
  /** A miner claims it. */
  | 'claim'
  /** Its lease expired, or its attempt failed in a way that may pass, and attempts are left. */
  | 'hand_out_again'
  /** Its miner delivered. */
  | 'finish'
  /** It failed for good. */
  | 'fail'
  /** Its consumer canceled it. */
  | 'cancel';

/** Every legal change. Anything else is refused: nothing leads out of an ended state. */
const transitions: Record<TaskStatus, Partial<Record<TaskEvent, TaskStatus>>> = {
  waiting: { claim: 'running', cancel: 'canceled', fail: 'failed' },
  running: { hand_out_again: 'waiting', finish: 'finished', fail: 'failed', cancel: 'canceled' },
  finished: {},
  failed: {},
  canceled: {},
};

/**
 * The life cycle of a task: one pure function, used for every change.
 *
 * @returns the new status, or `undefined` if the event is not allowed
 */
export function transition(status: TaskStatus, event: TaskEvent): TaskStatus | undefined {
  return transitions[status][event];
}

type ByEvent<T> = Record<TaskEvent, T>;

const statuses = Object.keys(transitions) as TaskStatus[];
const events = [...new Set(statuses.flatMap((status) => Object.keys(transitions[status]) as TaskEvent[]))];

/** Event -> the statuses in which it is legal. For statements that change many tasks at once. */
export const BEFORE = Object.fromEntries(
  events.map((event) => [event, statuses.filter((status) => transition(status, event))]),
) as ByEvent<TaskStatus[]>;

/** Event -> the status that it leads to. */
export const AFTER = Object.fromEntries(
  events.map((event) => [event, BEFORE[event].map((status) => transition(status, event))[0]]),
) as ByEvent<TaskStatus>;
