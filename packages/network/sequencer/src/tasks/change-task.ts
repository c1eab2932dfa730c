import { isTerminal } from '@heurist/core';
import type { Bus } from '../bus/bus.ts';
import type { Database, Sql } from '../database/database.ts';
import type { TaskEvents } from '../metrics/task-events.ts';
import type { Dispatch } from './dispatch.ts';
import type { OneTrip } from './one-trip.ts';
import { type TaskChanges, updateTasks } from './table/change-tasks.ts';
import { markGap } from './table/late-lines.ts';
import { type LockedTask, lockTasks } from './table/read-tasks.ts';
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

/** One change of some tasks. */
interface GroupChange {
  task_ids: readonly string[];
  event: TaskEvent;
  /** Columns that it sets beside the status, the same ones of each task. */
  columns?: (task: LockedTask) => TaskChanges;
  /** The queue's part of it, in the same transaction. Resolves with the tasks of which it was allowed. */
  settle: (sql: Sql) => Promise<ReadonlySet<string>>;
}

/** One change of one task. */
interface Change extends Omit<GroupChange, 'task_ids' | 'settle'> {
  task_id: string;
  /** As for a group. Resolves with whether it was allowed. */
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
  context: TaskContext,
  { task_id, settle, ...change }: Change,
): Promise<TaskRecord | undefined> {
  const settleOne = async (sql: Sql) => new Set((await settle(sql)) ? [task_id] : []);
  const [changed] = await changeTasks(context, { ...change, task_ids: [task_id], settle: settleOne });
  return changed;
}

/**
 * Changes tasks and their jobs in one transaction.
 *
 * @returns those that the queue allowed. If the life cycle forbids one of them, none is changed
 * @throws {Refusal} so that a batch tries each of them alone. Not of a single one
 */
export async function changeTasks({ database, bus, events }: TaskContext, change: GroupChange): Promise<TaskRecord[]> {
  const changed = await database
    .transaction(async (sql) => await applyEvent(sql, [...(await change.settle(sql))], change))
    .catch((error) => {
      if (change.task_ids.length > 1) throw error;
      ignoreRefusal(error);
      return [] as TaskRecord[];
    });
  for (const task of changed) {
    bus.publishTask(task.task_id);
    // who has it, if anybody, has not heard of it: a miner that says itself how its task ended has let go of it
    bus.publishStop(task.task_id);
    if (events) report(events, change.event, task);
  }
  return changed;
}

function report(events: TaskEvents, event: TaskEvent, { workflow_id, status, history, error }: TaskRecord): void {
  if (event === 'hand_out_again') events.failed(history.at(-1)?.code ?? '');
  if (event === 'fail') events.failed(error?.code ?? '');
  if (status === 'failed' || status === 'canceled') events.ended({ workflow_id, status });
}

/** Applies an event to tasks if the life cycle of each allows it. */
async function applyEvent(
  sql: Sql,
  task_ids: readonly string[],
  { event, columns }: Pick<GroupChange, 'event' | 'columns'>,
): Promise<TaskRecord[]> {
  if (!task_ids.length) return [];
  const tasks = await lockTasks(sql, task_ids);
  if (tasks.length < task_ids.length) throw new Refusal();
  const changed = await updateTasks(
    sql,
    tasks.map((task) => {
      const status = transition(task.status, event);
      if (!status) throw new Refusal();
      return { task_id: task.task_id, status, ...(isTerminal(status) && { ended_at: task.now }), ...columns?.(task) };
    }),
  );
  if (!changed.every(({ status }) => isTerminal(status))) return changed;
  await scheduleWebhooks(sql, changed);
  const waiting = tasks.filter(({ status }) => status === 'waiting');
  const lines = new Map(waiting.map((task) => [JSON.stringify([task.consumer_id, task.workflow_id]), task]));
  for (const line of lines.values()) await markGap(sql, line);
  return changed;
}
