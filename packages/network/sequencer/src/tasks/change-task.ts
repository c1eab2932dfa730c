import { isTerminal } from '@heurist/core';
import type { Bus } from '../bus/bus.ts';
import type { Database, Sql } from '../database/database.ts';
import type { TaskEvents } from '../metrics/task-events.ts';
import type { Dispatch } from './dispatch.ts';
import type { OneTrip } from './one-trip.ts';
import { type TaskChanges, updateTask } from './table/change-tasks.ts';
import { markGap } from './table/late-lines.ts';
import { type LockedTask, lockTask } from './table/read-tasks.ts';
import type { TaskRecord } from './table/task-record.ts';
import { type TaskEvent, transition } from './task-lifecycle.ts';
import { scheduleWebhooks } from './webhooks/webhook-table.ts';

/** What every change of a task works on. */
export interface TaskContext {
  database: Database;
  dispatch: Dispatch;
  bus: Bus;
  /** The short way for groups of tasks with nothing special. Default: all go by transactions. */
  oneTrip?: OneTrip | undefined;
  /** Counts. Default: nobody does. */
  events?: TaskEvents;
}

/** One change of one task. */
interface Change {
  task_id: string;
  event: TaskEvent;
  /** Columns that it sets beside the status. */
  columns?: (task: LockedTask) => TaskChanges;
  /** The queue's part of it, in the same transaction. Resolves with whether it was allowed. */
  settle: (sql: Sql) => Promise<boolean>;
}

/** The life cycle forbids a change. Thrown, so that the queue's part of it is rolled back too. */
export class Refusal extends Error {}

/** Resolves a change that was refused with `undefined`. */
export function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}

/** Changes a task and its job in one transaction. Returns the task if both allowed it. */
export async function changeTask(
  { database, bus, events }: TaskContext,
  change: Change,
): Promise<TaskRecord | undefined> {
  const changed = await database
    .transaction(async (sql) => ((await change.settle(sql)) ? await applyEvent(sql, change) : undefined))
    .catch(ignoreRefusal);
  if (!changed) return undefined;
  bus.publishTask(change.task_id);
  // who has it, if anybody, has not heard of it: a miner that says itself how its task ended has let go of it
  bus.publishStop(change.task_id);
  if (events) report(events, change.event, changed);
  return changed;
}

function report(events: TaskEvents, event: TaskEvent, { workflow_id, status, history, error }: TaskRecord): void {
  if (event === 'hand_out_again') events.failed(history.at(-1)?.code ?? '');
  if (event === 'fail') events.failed(error?.code ?? '');
  if (status === 'failed' || status === 'canceled') events.ended({ workflow_id, status });
}

/** Applies an event to a task if its life cycle allows it. */
async function applyEvent(sql: Sql, { task_id, event, columns }: Change): Promise<TaskRecord> {
  const task = await lockTask(sql, task_id);
  const status = task && transition(task.status, event);
  if (!status) throw new Refusal();
  const changes = { status, ...(isTerminal(status) && { ended_at: task.now }), ...columns?.(task) };
  const changed = await updateTask(sql, task_id, changes);
  if (isTerminal(status)) await scheduleWebhooks(sql, [changed]);
  if (isTerminal(status) && task.status === 'waiting') await markGap(sql, task);
  return changed;
}
