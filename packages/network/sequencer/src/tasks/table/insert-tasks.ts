// Statements on the task table that record new tasks.
import type { Sql } from '../../database/database.ts';
import { MAX_POSITION } from './read-tasks.ts';
import type { TaskPlace, TaskRecord } from './task-record.ts';

/** The highest priority of a task among those of its consumer. */
export const HIGHEST_PRIORITY = 1;

/** Tasks of one consumer, workflow and priority: they are served in their order. */
export interface Line {
  consumer_id: string;
  workflow_id: string;
  priority: number;
}

/** What is written of a new task. */
export interface TaskRow extends Line {
  task_id: string;
  job_id: string | undefined;
  fingerprint: string;
  task_type: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  turn: number;
  traceparent: string | undefined;
  has_webhook: boolean;
}

/**
 * The turn of the next task of each line, and about how many tasks of its workflow are before it. Each consumer gets one
 * task into each turn, so that ten thousand tasks of one consumer delay a single task of another by one turn only. A
 * consumer that comes later begins with the turn that is served now (start-time fair queueing). Its tasks of higher
 * priority line up before those of lower priority.
 */
export async function nextTurns(
  sql: Sql,
  lines: readonly Line[],
  maxPosition = MAX_POSITION,
): Promise<{ turn: number; position: number }[]> {
  // each part of a turn is one look into an index
  return await sql.query(
    `SELECT next.turn, (
       SELECT count(*)::int FROM (
         SELECT FROM heurist.task AS task WHERE status = 'waiting' AND task.workflow_id = line.workflow_id
           AND task.turn <= next.turn LIMIT ${maxPosition}
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
      lines.map(({ consumer_id }) => consumer_id),
      lines.map(({ workflow_id }) => workflow_id),
      lines.map(({ priority }) => priority),
    ],
  );
}

/** Records tasks. Returns those whose `job_id` is new, by task id. */
export async function insertTasks(sql: Sql, rows: readonly TaskRow[]): Promise<Map<string, TaskPlace>> {
  const inserted = await sql.query<TaskPlace>(
    `INSERT INTO heurist.task
       (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, overdue_at,
        status, turn, priority, traceparent, has_webhook)
     SELECT task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds,
       now() + timeout_seconds * interval '1 second', 'waiting', turn, priority, traceparent, has_webhook
     FROM jsonb_to_recordset($1) AS row(
       task_id uuid, consumer_id text, job_id text, fingerprint text, task_type text, workflow_id text,
       task_details jsonb, timeout_seconds float8, turn int, priority int, traceparent text, has_webhook boolean
     ) ON CONFLICT (consumer_id, job_id) DO NOTHING
     RETURNING task_id, workflow_id, status, turn, number, claimed_at, progress`,
    [JSON.stringify(rows)],
  );
  return new Map(inserted.map((task) => [task.task_id, task]));
}

/** Tasks that were submitted with these job ids. */
export async function findByJobIds(
  sql: Sql,
  jobs: readonly { consumer_id: string; job_id: string | undefined }[],
): Promise<TaskRecord[]> {
  if (!jobs.length) return [];
  return await sql.query<TaskRecord>(
    'SELECT * FROM heurist.task WHERE (consumer_id, job_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))',
    [jobs.map(({ consumer_id }) => consumer_id), jobs.map(({ job_id }) => job_id)],
  );
}
