import { createHash, randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import type { Database, Sql } from '../database/database.ts';
import type { Dispatch } from './dispatch.ts';
import type { TaskPlace, TaskRecord } from './task-record.ts';

/** A task as it is asked for. */
export interface NewTask {
  consumer_id: string;
  job_id: string | undefined;
  task_type: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  /** Among the consumer's own tasks, higher first. */
  priority: number;
  /** What its spans belong to, in the form of W3C Trace Context. */
  traceparent: string | undefined;
  /** Where to tell of its end, and where its consumer reached the network. */
  webhook?: { url: string; origin: string } | undefined;
}

export const HIGHEST_PRIORITY = 1;

/** So many tasks before a waiting one are counted at most. */
export const MOST_POSITIONS = 10_000;

/** A task that is about to be recorded. */
interface Draft extends NewTask {
  task_id: string;
  fingerprint: string;
  turn: number;
  /** Tasks of the same workflow before it, about. */
  position: number;
}

/** What became of a submit. */
export interface Submitted {
  task: TaskPlace;
  /** Tasks of the same workflow before a new one, about: others may come in between at this moment. */
  position?: number;
}

/**
 * Records and queues tasks, all together or none. The same consumer and `job_id` get the same task.
 *
 * @returns in the order of the tasks; an error, `job_id_conflict`, where a `job_id` was used for a different task
 */
export async function createTasks(
  database: Database,
  dispatch: Dispatch,
  tasks: readonly NewTask[],
): Promise<(Submitted | HeuristError)[]> {
  const drafts = tasks.map(
    (task): Draft => ({ ...task, task_id: randomUUID(), fingerprint: fingerprint(task), turn: 0, position: 0 }),
  );
  const created = await database.transaction(async (sql) => {
    await giveTurns(sql, drafts);
    const inserted = await insert(sql, drafts);
    await dispatch.send(sql, [...inserted.values()]);
    await registerWebhooks(
      sql,
      drafts.filter(({ task_id }) => inserted.has(task_id)),
    );
    return inserted;
  });
  const known = await findByJob(
    database,
    drafts.filter(({ task_id }) => !created.has(task_id)),
  );
  return drafts.map(({ task_id, consumer_id, job_id, fingerprint, position }) => {
    const task = created.get(task_id);
    if (task) return { task, position };
    const earlier = known.get(keyOf(consumer_id, job_id));
    if (earlier?.fingerprint === fingerprint) return { task: earlier };
    return new HeuristError(`job_id ${job_id} was used for a different task before. Use a fresh one for each task.`, {
      code: 'job_id_conflict',
    });
  });
}

/** What makes two submits with one `job_id` the same. */
function fingerprint({ task_type, workflow_id, task_details, timeout_seconds }: NewTask): string {
  return createHash('sha256')
    .update(JSON.stringify([task_type, workflow_id, task_details, timeout_seconds ?? null]))
    .digest('hex');
}

/**
 * Gives each task its turn. Everybody who has something to run gets one task into each turn, so that ten thousand tasks
 * of one consumer keep a single task of another waiting for one turn only. A consumer that comes later begins with the
 * turn that is served now (start-time fair queueing). Its tasks of higher priority line up before those of lower.
 */
async function giveTurns(sql: Sql, drafts: readonly Draft[]): Promise<void> {
  const lineOf = ({ consumer_id, workflow_id, priority }: Draft) => keyOf(consumer_id, workflow_id, priority);
  const lines = [...Map.groupBy(drafts, lineOf).values()];
  // each part of a turn is one look into an index
  const rows = await sql.query<{ turn: number; position: number }>(
    `SELECT next.turn, (
       SELECT count(*)::int FROM (
         SELECT FROM heurist.task AS task WHERE status = 'waiting' AND task.workflow_id = line.workflow_id
           AND task.turn <= next.turn LIMIT ${MOST_POSITIONS}
       ) AS before
     ) AS position
     FROM unnest($1::text[], $2::text[], $3::int[]) WITH ORDINALITY AS line(consumer_id, workflow_id, priority, place),
     LATERAL (
       SELECT 1 + GREATEST(
         0,
         (SELECT turn FROM heurist.task WHERE status = 'running' ORDER BY turn DESC LIMIT 1),
         (SELECT turn - 1 FROM heurist.task WHERE status = 'waiting' ORDER BY turn, number LIMIT 1),
         (SELECT max(last.turn) FROM generate_series(line.priority, ${HIGHEST_PRIORITY}) AS level(priority), LATERAL (
            SELECT turn FROM heurist.task AS task WHERE status = 'waiting' AND task.priority = level.priority
              AND task.consumer_id = line.consumer_id AND task.workflow_id = line.workflow_id
            ORDER BY turn DESC LIMIT 1
          ) AS last)
       ) AS turn
       -- once, not again for each row that is counted
       OFFSET 0
     ) AS next
     ORDER BY place`,
    [
      lines.map(([first]) => first!.consumer_id),
      lines.map(([first]) => first!.workflow_id),
      lines.map(([first]) => first!.priority),
    ],
  );
  lines.forEach((line, index) => {
    line.forEach((draft, place) => {
      draft.turn = rows[index]!.turn + place;
      draft.position = rows[index]!.position + place;
    });
  });
}

/** Returns what was not there before, by task id. */
async function insert(sql: Sql, drafts: readonly Draft[]): Promise<Map<string, TaskPlace>> {
  const rows = await sql.query<TaskPlace>(
    `INSERT INTO heurist.task
       (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, overdue_at,
        status, turn, priority, traceparent, has_webhook)
     SELECT task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds,
       now() + timeout_seconds * interval '1 second', 'waiting', turn, priority, traceparent,
       webhook IS NOT NULL
     FROM jsonb_to_recordset($1) AS draft(
       task_id uuid, consumer_id text, job_id text, fingerprint text, task_type text, workflow_id text,
       task_details jsonb, timeout_seconds float8, turn int, priority int, traceparent text,
       webhook jsonb
     ) ON CONFLICT (consumer_id, job_id) DO NOTHING
     RETURNING task_id, workflow_id, status, turn, number, claimed_at, progress`,
    [JSON.stringify(drafts)],
  );
  return new Map(rows.map((task) => [task.task_id, task]));
}

/** Makes tasks tell of their end. */
async function registerWebhooks(sql: Sql, drafts: readonly Draft[]): Promise<void> {
  const rows = drafts.flatMap(({ task_id, webhook }) => (webhook ? { task_id, ...webhook } : []));
  if (!rows.length) return;
  await sql.query(
    `INSERT INTO heurist.webhook (task_id, url, origin)
     SELECT task_id, url, origin FROM jsonb_to_recordset($1) AS row(task_id uuid, url text, origin text)`,
    [JSON.stringify(rows)],
  );
}

/** What was submitted earlier with the same `job_id`. */
async function findByJob(sql: Sql, drafts: readonly Draft[]): Promise<Map<string, TaskRecord>> {
  if (!drafts.length) return new Map();
  const rows = await sql.query<TaskRecord>(
    `SELECT * FROM heurist.task WHERE (consumer_id, job_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [drafts.map(({ consumer_id }) => consumer_id), drafts.map(({ job_id }) => job_id)],
  );
  return new Map(rows.map((task) => [keyOf(task.consumer_id, task.job_id), task]));
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts);
