// Statements on the task table that count and summarize.
import type { DeadWebhook, RecentFailure } from '@heurist/core';
import type { RunningCount } from '../../access/leases/lease-room.ts';
import type { Sql } from '../../database/database.ts';

/** Failures and dead webhooks listed at most. */
const MAX_LISTED = 20;

/** How many tasks these miners run, by key and machine. */
export async function countRunning(sql: Sql, miner_ids: readonly string[]): Promise<RunningCount[]> {
  return await sql.query<RunningCount>(
    `SELECT miner_id, miner_key_id, machine_id, count(*)::int AS count FROM heurist.task
     WHERE status = 'running' AND miner_id = ANY($1::text[]) GROUP BY miner_id, miner_key_id, machine_id`,
    [miner_ids],
  );
}

/** Miners that run a task now. */
export async function busyMiners(sql: Sql): Promise<Set<string>> {
  const rows = await sql.query<{ miner_id: string }>(
    `SELECT DISTINCT miner_id FROM heurist.task WHERE status = 'running' AND miner_id IS NOT NULL`,
  );
  return new Set(rows.map(({ miner_id }) => miner_id));
}

/** The last failures of a consumer's tasks, of a day. */
export async function recentFailures(sql: Sql, consumer_id: string): Promise<RecentFailure[]> {
  const rows = await sql.query<Omit<RecentFailure, 'ended_at'> & { ended_at: Date }>(
    `SELECT task_id, workflow_id, ended_at, error FROM heurist.task
     WHERE ended_at > now() - interval '1 day' AND status = 'failed' AND consumer_id = $1
     ORDER BY ended_at DESC LIMIT ${MAX_LISTED}`,
    [consumer_id],
  );
  return rows.map((row) => ({ ...row, ended_at: row.ended_at.toISOString() }));
}

/** Webhooks of a consumer's tasks that were given up. */
export async function deadWebhooks(sql: Sql, consumer_id: string): Promise<DeadWebhook[]> {
  return await sql.query<DeadWebhook>(
    `SELECT webhook.task_id, url, attempts, last_error FROM heurist.webhook AS webhook JOIN heurist.task USING (task_id)
     WHERE webhook.state = 'dead' AND consumer_id = $1 ORDER BY ended_at DESC LIMIT ${MAX_LISTED}`,
    [consumer_id],
  );
}

/** How long tasks of one workflow waited and ran, in milliseconds. */
export interface DurationRow {
  workflow_id: string;
  /** Mean from claim to end of those that finished. */
  run: number | null;
  /** 95 of 100 of these took no longer. */
  usual: number | null;
  /** The longest of these. */
  longest: number | null;
  /** From submit to claim. */
  median: number;
  p99: number;
}

/** Durations of the tasks that ended last. */
export async function recentDurations(sql: Sql, maxTasks: number): Promise<DurationRow[]> {
  return await sql.query<DurationRow>(
    `SELECT workflow_id,
       avg(extract(epoch FROM ended_at - claimed_at) * 1000) FILTER (WHERE status = 'finished')::float8 AS run,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - claimed_at) * 1000)
         FILTER (WHERE status = 'finished') AS usual,
       max(extract(epoch FROM ended_at - claimed_at) * 1000) FILTER (WHERE status = 'finished')::float8 AS longest,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - created_at) * 1000) AS median,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - created_at) * 1000) AS p99
     FROM (
       SELECT workflow_id, created_at, ended_at, claimed_at, status FROM heurist.task
       WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT $1
     ) AS latest WHERE claimed_at IS NOT NULL GROUP BY workflow_id`,
    [maxTasks],
  );
}

/** Whose submits are counted: an owner's, or those with one of its keys. */
export interface Submitter {
  consumer_id: string;
  key_id?: string | undefined;
}

/** Open tasks of each of these, and those that it has submitted within a minute. In their order. */
export async function countSubmitted(
  sql: Sql,
  submitters: readonly Submitter[],
): Promise<{ open: number; recent: number }[]> {
  // an owner's tasks are counted in the index alone
  const ofKey = submitters.some(({ key_id }) => key_id) ? 'AND (key IS NULL OR key_id = key)' : '';
  return await sql.query(
    `SELECT
       (SELECT count(*)::int FROM heurist.task
        WHERE consumer_id = owner AND status IN ('waiting', 'running') ${ofKey}) AS open,
       (SELECT count(*)::int FROM heurist.task
        WHERE consumer_id = owner AND created_at > now() - interval '1 minute' ${ofKey}) AS recent
     FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS row(owner, key, place) ORDER BY place`,
    [submitters.map(({ consumer_id }) => consumer_id), submitters.map(({ key_id }) => key_id ?? null)],
  );
}

/** Seconds until it has submitted fewer than `count` tasks within a minute; `undefined` if it has now. */
export async function secondsUntilFewer(
  sql: Sql,
  { consumer_id, key_id }: Submitter,
  count: number,
): Promise<number | undefined> {
  // the task whose minute must pass before there is room
  const query = `SELECT extract(epoch FROM created_at + interval '1 minute' - now())::float8 AS seconds FROM heurist.task
    WHERE consumer_id = $1 AND created_at > now() - interval '1 minute' AND ($3::uuid IS NULL OR key_id = $3)
    ORDER BY created_at DESC OFFSET $2 LIMIT 1`;
  const [row] = await sql.query<{ seconds: number }>(query, [consumer_id, count - 1, key_id ?? null]);
  return row?.seconds;
}
