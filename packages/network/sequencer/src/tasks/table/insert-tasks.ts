// Statements on the task table that record new tasks.
import type { Sql } from '../../database/database.ts';
import { type Line, PRIORITIES, type Priority } from '../turns.ts';
import { type LineKey, servedNow } from './late-lines.ts';
import type { TaskPlace, TaskRecord } from './task-record.ts';

/** What is written of a new task. */
export interface TaskRow extends LineKey {
  task_id: string;
  priority: Priority;
  /** The key that submitted it. */
  key_id?: string | undefined;
  job_id: string | undefined;
  fingerprint: string;
  task_type: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  turn: number;
  traceparent: string | undefined;
  has_webhook: boolean;
  scope?: string | undefined;
  /** The models that it needs; empty if none. */
  model_key?: string | undefined;
}

/** What the turns of new tasks are computed from. In the order of the lines. */
export async function readLines(sql: Sql, lines: readonly LineKey[]): Promise<Line[]> {
  const rows = await sql.query<Record<string, number | null>>(
    // each part is one look into an index
    `SELECT ${servedNow('line')} AS served,
       (SELECT turn FROM heurist.line AS last
        WHERE last.consumer_id = line.consumer_id AND last.workflow_id = line.workflow_id) AS given,
       ${PRIORITIES.map((priority, index) => `${edge('min', priority)} AS first${index}, ${edge('max', priority)} AS last${index}`).join(', ')}
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS line(consumer_id, workflow_id, place) ORDER BY place`,
    columnsOf(lines),
  );
  return rows.map((row) => ({
    served: row.served ?? 1,
    given: row.given ?? 0,
    levels: Object.fromEntries(
      PRIORITIES.flatMap((priority, index) => {
        const [first, last] = [row[`first${index}`], row[`last${index}`]];
        return first == null || last == null ? [] : [[priority, { first, last }]];
      }),
    ),
  }));
}

/** The first or last turn of a line's waiting tasks of one priority. */
function edge(which: 'min' | 'max', priority: Priority): string {
  return `(SELECT ${which}(turn) FROM heurist.task WHERE status = 'waiting' AND task.consumer_id = line.consumer_id
    AND task.workflow_id = line.workflow_id AND task.priority = ${priority})`;
}

/** Remembers the last turn that each line was given. */
export async function writeGiven(sql: Sql, lines: readonly (LineKey & { given: number })[]): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.line (consumer_id, workflow_id, turn) SELECT * FROM unnest($1::text[], $2::text[], $3::int[])
     ON CONFLICT (consumer_id, workflow_id) DO UPDATE SET turn = excluded.turn`,
    [...columnsOf(lines), lines.map(({ given }) => given)],
  );
}

/** Waiting tasks of one line and priority that move back. */
export interface Shift extends LineKey {
  priority: Priority;
  turns: number;
}

/** The waiting tasks that move back, each with by how many turns. */
export async function findShifted(
  sql: Sql,
  shifts: readonly Shift[],
): Promise<{ task_id: string; workflow_id: string; turns: number }[]> {
  return await sql.query(
    `SELECT task_id, workflow_id, shift.turns FROM heurist.task
     JOIN unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS shift(consumer_id, workflow_id, priority, turns)
       USING (consumer_id, workflow_id, priority) WHERE status = 'waiting'`,
    [...columnsOf(shifts), shifts.map(({ priority }) => priority), shifts.map(({ turns }) => turns)],
  );
}

/** Moves waiting tasks, as their jobs were. */
export async function moveTurns(sql: Sql, tasks: readonly { task_id: string; turns: number }[]): Promise<void> {
  await sql.query(
    `UPDATE heurist.task AS task SET turn = turn + moved.turns FROM unnest($1::uuid[], $2::int[]) AS moved(task_id, turns)
     WHERE task.task_id = moved.task_id AND status = 'waiting'`,
    [tasks.map(({ task_id }) => task_id), tasks.map(({ turns }) => turns)],
  );
}

const columnsOf = (lines: readonly LineKey[]) => [
  lines.map(({ consumer_id }) => consumer_id),
  lines.map(({ workflow_id }) => workflow_id),
];

/** Records tasks. Returns those whose `job_id` is new, by task id. */
export async function insertTasks(sql: Sql, rows: readonly TaskRow[]): Promise<Map<string, TaskPlace>> {
  const inserted = await sql.query<TaskPlace>(
    `INSERT INTO heurist.task
       (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, overdue_at,
        status, turn, priority, traceparent, has_webhook, key_id, scope, model_key)
     SELECT task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds,
       now() + timeout_seconds * interval '1 second', 'waiting', turn, priority, traceparent, has_webhook, key_id, scope, coalesce(model_key, '')
     FROM jsonb_to_recordset($1) AS row(
       task_id uuid, consumer_id text, job_id text, fingerprint text, task_type text, workflow_id text,
       task_details jsonb, timeout_seconds float8, turn int, priority int, traceparent text, has_webhook boolean, key_id uuid,
       scope text, model_key text
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

/** Writes a task that is then rolled back, to find out whether tasks can be written. */
export async function tryInsertingTask(sql: Sql): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status)
     VALUES (gen_random_uuid(), 'write-probe', '', '', '', '{}', 'cancelled')`,
  );
}
