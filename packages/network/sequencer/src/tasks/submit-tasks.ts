import { createHash, randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import type { Database, Sql } from '../database/database.ts';
import type { Dispatch } from './dispatch.ts';
import { findByJobIds, insertTasks, nextTurns } from './table/insert-tasks.ts';
import type { TaskPlace } from './table/task-record.ts';
import { type Quota, refuseSurplus } from './task-quota.ts';
import { insertWebhooks } from './webhooks/webhook-table.ts';

/** A task as it is submitted. */
export interface Submission {
  consumer_id: string;
  job_id: string | undefined;
  task_type: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  /** Among the consumer's own tasks; higher goes first. */
  priority: number;
  /** Of its owner. */
  quota: Quota;
  /** W3C trace context of its spans. */
  traceparent: string | undefined;
  /** Where to announce its end, and the origin at which its consumer reached the network. */
  webhook?: { url: string; origin: string } | undefined;
}

/** A task that is about to be recorded. */
interface Draft extends Submission {
  task_id: string;
  fingerprint: string;
  turn: number;
  /** About how many tasks of the same workflow are before it. */
  position: number;
}

/** What became of a submission. */
export interface Submitted {
  task: TaskPlace;
  /** Of a new task: about how many of the same workflow are before it. Others may come in between at this moment. */
  position?: number;
}

/**
 * Records and queues tasks, all together or none. The same consumer and `job_id` get the same task.
 *
 * @returns in the order of the submissions; the error `job_id_conflict` if a `job_id` was used for a different task,
 *   `TooManyTasks` for those over the quota of their owner
 */
export async function submitTasks(
  database: Database,
  dispatch: Dispatch,
  submissions: readonly Submission[],
): Promise<(Submitted | HeuristError)[]> {
  const drafts = submissions.map(
    (task): Draft => ({ ...task, task_id: randomUUID(), fingerprint: fingerprintOf(task), turn: 0, position: 0 }),
  );
  const { inserted, refused } = await database.transaction(async (sql) => {
    const refused = await refuseSurplus(sql, drafts);
    const accepted = drafts.filter((draft) => !refused.has(draft));
    return { inserted: await record(sql, dispatch, accepted), refused };
  });
  const repeated = drafts.filter((draft) => !inserted.has(draft.task_id) && !refused.has(draft));
  const earlier = new Map(
    (await findByJobIds(database, repeated)).map((task) => [keyOf(task.consumer_id, task.job_id), task]),
  );
  return drafts.map((draft) => {
    const { task_id, consumer_id, job_id, fingerprint, position } = draft;
    const refusal = refused.get(draft);
    if (refusal) return refusal;
    const task = inserted.get(task_id);
    if (task) return { task, position };
    const known = earlier.get(keyOf(consumer_id, job_id));
    if (known?.fingerprint === fingerprint) return { task: known };
    return new HeuristError(`job_id ${job_id} was already used for a different task. Use a new one for each task.`, {
      code: 'job_id_conflict',
    });
  });
}

async function record(sql: Sql, dispatch: Dispatch, drafts: readonly Draft[]): Promise<Map<string, TaskPlace>> {
  if (!drafts.length) return new Map();
  await assignTurns(sql, drafts);
  const rows = drafts.map(({ webhook, ...draft }) => ({ ...draft, has_webhook: webhook !== undefined }));
  const inserted = await insertTasks(sql, rows);
  await dispatch.send(sql, [...inserted.values()]);
  const webhooks = drafts.flatMap(({ task_id, webhook }) =>
    webhook && inserted.has(task_id) ? { task_id, ...webhook } : [],
  );
  await insertWebhooks(sql, webhooks);
  return inserted;
}

/** What makes two submissions with one `job_id` the same. */
function fingerprintOf({ task_type, workflow_id, task_details, timeout_seconds }: Submission): string {
  return createHash('sha256')
    .update(JSON.stringify([task_type, workflow_id, task_details, timeout_seconds ?? null]))
    .digest('hex');
}

/** Gives each draft its turn: the tasks of one line get turns that follow each other. */
async function assignTurns(sql: Sql, drafts: readonly Draft[]): Promise<void> {
  const lineOf = ({ consumer_id, workflow_id, priority }: Draft) => keyOf(consumer_id, workflow_id, priority);
  const lines = [...Map.groupBy(drafts, lineOf).values()];
  const firsts = await nextTurns(
    sql,
    lines.map(([first]) => first!),
  );
  for (const [index, line] of lines.entries()) {
    const { turn, position } = firsts[index]!;
    for (const [place, draft] of line.entries()) {
      draft.turn = turn + place;
      draft.position = position + place;
    }
  }
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts);
