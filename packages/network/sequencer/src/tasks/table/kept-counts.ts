// Statements that count tasks: what is few now, what is many beforehand, so that nobody who asks waits for a million rows.
import type { WorkflowStatus } from '@heurist/core';
import type { Sql } from '../../database/database.ts';

/** Waiting tasks of a workflow up to which they are counted when somebody asks. Beyond, the number is of the last minute. */
const COUNTED_NOW = 1000;
/** A number that nobody has renewed for so long says nothing. */
const STALE_SECONDS = 300;
/** Another replica may have counted just now. */
const FRESH_SECONDS = 30;
/** Tasks that are added to the minutes in one transaction at most, about. */
const SLICE = 50_000;
/**
 * The start of a transaction is when a task counts as ended, and it may be committed a little later: no statement takes longer than
 * this.
 */
const COMMIT_SECONDS = 30;

/** Tasks of one workflow by status; those that ended, of the last hour, which begins with a whole minute. */
export type TaskCounts = Omit<WorkflowStatus, 'task_type' | 'title' | 'miners' | 'run_ms' | 'models'> & {
  run_ms: number | null;
};

/** The counts of these workflows. */
export async function countTasks(sql: Sql, workflow_ids: readonly string[]): Promise<Map<string, TaskCounts>> {
  const [setting] = await sql.query<{ value: string }>(`SELECT value FROM heurist.setting WHERE name = 'ended_until'`);
  const rows = await sql.query<TaskCounts>(
    `WITH running AS (
       SELECT workflow_id, count(*)::int AS count FROM heurist.task WHERE status = 'running' GROUP BY workflow_id
     ), ended AS (
       SELECT workflow_id, sum(finished)::int AS finished, sum(failed)::int AS failed, sum(run_ms) AS run_ms FROM (
         SELECT workflow_id, finished, failed, run_ms FROM heurist.ended_count
         WHERE minute >= date_trunc('minute', now() - interval '1 hour')
         UNION ALL
         (SELECT workflow_id, ${ENDED} FROM heurist.task
          -- the first bound is for the planner; the second one is of the same moment as the minutes
          WHERE ended_at > greatest($2::timestamptz, now() - interval '1 hour') AND ended_at > (
            SELECT coalesce(max(value::timestamptz), '-infinity') FROM heurist.setting WHERE name = 'ended_until'
          ) GROUP BY workflow_id)
       ) AS part GROUP BY workflow_id
     )
     SELECT workflow.workflow_id,
       CASE WHEN line.waiting < ${COUNTED_NOW} THEN line.waiting ELSE greatest(line.waiting, kept.waiting) END AS waiting,
       coalesce(running.count, 0) AS running, coalesce(finished, 0) AS finished, coalesce(failed, 0) AS failed,
       run_ms / nullif(finished, 0) AS run_ms
     FROM unnest($1::text[]) AS workflow(workflow_id)
     JOIN LATERAL (
       SELECT count(*)::int AS waiting FROM (
         SELECT FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id LIMIT ${COUNTED_NOW}
       ) AS first
     ) AS line ON true
     LEFT JOIN heurist.waiting_count AS kept ON kept.workflow_id = workflow.workflow_id
       AND counted_at > now() - interval '${STALE_SECONDS} seconds'
     LEFT JOIN running ON running.workflow_id = workflow.workflow_id
     LEFT JOIN ended ON ended.workflow_id = workflow.workflow_id`,
    [workflow_ids, setting?.value ?? '-infinity'],
  );
  return new Map(rows.map((row) => [row.workflow_id, row]));
}

/** What ended, of one workflow. */
const ENDED = `count(*) FILTER (WHERE status = 'finished')::int AS finished, count(*) FILTER (WHERE status = 'failed')::int AS failed,
  coalesce(sum(extract(epoch FROM ended_at - claimed_at) * 1000) FILTER (WHERE status = 'finished'), 0)::float8 AS run_ms`;

/** For how many seconds the oldest waiting task of each workflow has waited. */
export async function oldestWaiting(sql: Sql, workflow_ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ workflow_id: string; seconds: number }>(
    `SELECT workflow_id, extract(epoch FROM now() - created_at)::float8 AS seconds
     FROM unnest($1::text[]) AS workflow(workflow_id), LATERAL (
       SELECT created_at FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id
       ORDER BY created_at LIMIT 1
     ) AS oldest`,
    [workflow_ids],
  );
  return new Map(rows.map(({ workflow_id, seconds }) => [workflow_id, seconds]));
}

/**
 * Adds what has ended since the last time to its minutes. Inside a transaction.
 *
 * @param most - how many are added at once, about
 * @returns whether there may be more
 */
export async function addEnded(sql: Sql, most: number = SLICE): Promise<boolean> {
  await sql.query(
    `INSERT INTO heurist.setting (name, value) VALUES ('ended_until', '-infinity') ON CONFLICT DO NOTHING`,
  );
  // one replica at a time; what ended longer ago than an hour is of no use
  const [setting] = await sql.query<{ since: string }>(
    `SELECT greatest(value::timestamptz, now() - interval '1 hour')::text AS since FROM heurist.setting
     WHERE name = 'ended_until' FOR UPDATE`,
  );
  const since = setting!.since;
  const [slice] = await sql.query<{ until: string; is_last: boolean }>(
    `WITH slice AS (
       SELECT now() - interval '${COMMIT_SECONDS} seconds' AS end_at, (
         SELECT ended_at FROM heurist.task WHERE ended_at > $1::timestamptz ORDER BY ended_at OFFSET $2 LIMIT 1
       ) AS full_at
     ) SELECT greatest($1::timestamptz, least(end_at, full_at))::text AS until, full_at IS NULL OR full_at >= end_at AS is_last
     FROM slice`,
    [since, most],
  );
  const { until, is_last } = slice!;
  await sql.query(
    `INSERT INTO heurist.ended_count AS kept (workflow_id, minute, finished, failed, run_ms)
     SELECT workflow_id, date_trunc('minute', ended_at) AS minute, ${ENDED} FROM heurist.task
     WHERE ended_at > $1::timestamptz AND ended_at <= $2::timestamptz GROUP BY 1, 2
     ON CONFLICT (minute, workflow_id) DO UPDATE SET finished = kept.finished + excluded.finished,
       failed = kept.failed + excluded.failed, run_ms = kept.run_ms + excluded.run_ms`,
    [since, until],
  );
  await sql.query(`DELETE FROM heurist.ended_count WHERE minute < now() - interval '2 hours'`);
  await sql.query(`UPDATE heurist.setting SET value = $1 WHERE name = 'ended_until'`, [until]);
  return !is_last;
}

/** Counts the waiting tasks of those of these workflows that have many. */
export async function countLongLines(sql: Sql, workflow_ids: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.waiting_count AS kept (workflow_id, waiting, counted_at)
     SELECT workflow_id, (
       SELECT count(*) FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id
     ), now() FROM unnest($1::text[]) AS workflow(workflow_id)
     WHERE NOT EXISTS (
       SELECT FROM heurist.waiting_count AS fresh WHERE fresh.workflow_id = workflow.workflow_id
         AND counted_at > now() - interval '${FRESH_SECONDS} seconds'
     ) AND EXISTS (
       SELECT FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id
       OFFSET ${COUNTED_NOW - 1}
     )
     ON CONFLICT (workflow_id) DO UPDATE SET waiting = excluded.waiting, counted_at = excluded.counted_at`,
    [workflow_ids],
  );
}
