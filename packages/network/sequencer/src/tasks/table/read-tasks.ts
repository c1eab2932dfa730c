// Statements on the task table that read tasks.
import { inOrder } from '@heurist/server-kit/batch';
import type { Sql } from '../../database/database.ts';
import type { TaskPlace, TaskRecord } from './task-record.ts';

/** How far the tasks before a waiting one are counted. */
const MAX_POSITION = 1000;

/** In the order of the ids. */
export async function readTasks(sql: Sql, task_ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
  const query = 'SELECT * FROM heurist.task WHERE task_id = ANY($1)';
  const rows = await sql.query<TaskRecord>(query, [[...new Set(task_ids)]]);
  return inOrder(task_ids, rows, ({ task_id }) => task_id);
}

/** A task whose row is locked. */
export type LockedTask = TaskRecord & {
  /** The time, by the database's clock. */
  now: Date;
};

/** Reads tasks and locks their rows until the transaction ends, in one order for all. */
export async function lockTasks(sql: Sql, task_ids: readonly string[]): Promise<LockedTask[]> {
  const query = `SELECT *, clock_timestamp() AS now FROM heurist.task WHERE task_id = ANY($1::uuid[])
    ORDER BY task_id FOR UPDATE`;
  return await sql.query<LockedTask>(query, [task_ids]);
}

/** The running tasks of these claim ids, in their order. */
export async function findByClaimIds(sql: Sql, claim_ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
  const query = `SELECT * FROM heurist.task WHERE status = 'running' AND claim_id = ANY($1)`;
  const rows = await sql.query<TaskRecord>(query, [[...new Set(claim_ids)]]);
  return inOrder(claim_ids, rows, ({ claim_id }) => claim_id);
}

/** Whether a consumer has submitted a task with this `job_id`. */
export async function hasJobId(sql: Sql, consumer_id: string, job_id: string): Promise<boolean> {
  const query = 'SELECT 1 FROM heurist.task WHERE consumer_id = $1 AND job_id = $2';
  return (await sql.query(query, [consumer_id, job_id])).length > 0;
}

/** How many tasks of the same workflow are before each of these. */
export async function countBefore(
  sql: Sql,
  tasks: readonly Pick<TaskPlace, 'workflow_id' | 'turn' | 'number'>[],
  max = MAX_POSITION,
): Promise<number[]> {
  const rows = await sql.query<{ count: number }>(
    `SELECT (
       SELECT count(*)::int FROM (
         SELECT FROM heurist.task AS task WHERE status = 'waiting' AND task.workflow_id = place.workflow_id
           AND (task.turn, task.number) < (place.turn, place.number) LIMIT ${max}
       ) AS before
     ) AS count
     FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY AS place(workflow_id, turn, number, index)
     ORDER BY index`,
    [tasks.map(({ workflow_id }) => workflow_id), tasks.map(({ turn }) => turn), tasks.map(({ number }) => number)],
  );
  return rows.map(({ count }) => count);
}

/** A task that a miner runs. */
export interface RunningTask extends Pick<TaskRecord, 'task_id' | 'workflow_id' | 'attempt' | 'miner_id'> {
  /** For how long, in seconds. */
  run_seconds: number;
}

/** A running task of each of these miners, in their order. */
export async function findByMiners(sql: Sql, miner_ids: readonly string[]): Promise<(RunningTask | undefined)[]> {
  const query = `SELECT DISTINCT ON (miner_id) miner_id, task_id, workflow_id, attempt,
      extract(epoch FROM now() - claimed_at)::float8 AS run_seconds
    FROM heurist.task WHERE status = 'running' AND miner_id = ANY($1) ORDER BY miner_id, claimed_at`;
  const rows = await sql.query<RunningTask>(query, [[...new Set(miner_ids)]]);
  return inOrder(miner_ids, rows, ({ miner_id }) => miner_id ?? '');
}

/** What a heartbeat asks about a task. */
export interface RunState extends Pick<TaskRecord, 'task_id' | 'status' | 'attempt' | 'miner_id'> {
  /** For how long its attempt has run, in seconds. */
  run_seconds: number;
}

/** In the order of the ids. Without parameters and results, which would be most of what is read. */
export async function readRunStates(sql: Sql, task_ids: readonly string[]): Promise<(RunState | undefined)[]> {
  const query = `SELECT task_id, status, attempt, miner_id, extract(epoch FROM now() - claimed_at)::float8 AS run_seconds
    FROM heurist.task WHERE task_id = ANY($1::uuid[])`;
  const rows = await sql.query<RunState>(query, [[...new Set(task_ids)]]);
  return inOrder(task_ids, rows, ({ task_id }) => task_id);
}

/** The running tasks among these ids, with their workflows and miners. */
export async function findRunning(
  sql: Sql,
  task_ids: readonly string[],
): Promise<Pick<TaskRecord, 'task_id' | 'workflow_id' | 'miner_id'>[]> {
  if (!task_ids.length) return [];
  const query = `SELECT task_id, workflow_id, miner_id FROM heurist.task WHERE task_id = ANY($1::uuid[]) AND status = 'running'`;
  return await sql.query(query, [task_ids]);
}

/** Open tasks whose `timeout_seconds` have passed. */
export async function findOverdue(
  sql: Sql,
): Promise<Pick<TaskRecord, 'task_id' | 'workflow_id' | 'timeout_seconds'>[]> {
  return await sql.query(
    `SELECT task_id, workflow_id, timeout_seconds FROM heurist.task WHERE status IN ('waiting', 'running')
     AND overdue_at < now()`,
  );
}

/** An open task in a walk over all of them, from the oldest on. */
export type OpenTask = Pick<TaskRecord, 'task_id' | 'workflow_id' | 'attempt' | 'turn'> & {
  status: 'waiting' | 'running';
  /** As Postgres writes it, to the microsecond. */
  created: string;
};

/** Open tasks in the order in which they were submitted. */
export async function walkOpen(
  sql: Sql,
  after: Pick<OpenTask, 'created' | 'task_id'> | undefined,
  limit: number,
): Promise<OpenTask[]> {
  return await sql.query(
    `SELECT task_id, workflow_id, status, attempt, turn, created_at::text AS created FROM heurist.task
     WHERE status IN ('waiting', 'running') AND (created_at, task_id) > ($1::timestamptz, $2::uuid)
     ORDER BY created_at, task_id LIMIT $3`,
    [after?.created ?? '-infinity', after?.task_id ?? '00000000-0000-0000-0000-000000000000', limit],
  );
}

/** Open tasks that were submitted more than `seconds` ago. */
export async function findForgotten(sql: Sql, seconds: number): Promise<Pick<TaskRecord, 'task_id' | 'workflow_id'>[]> {
  return await sql.query(
    `SELECT task_id, workflow_id FROM heurist.task WHERE status IN ('waiting', 'running')
     AND created_at < now() - $1 * interval '1 second' LIMIT 1000`,
    [seconds],
  );
}

/** How long a task of a workflow may run: without progress, and in all. */
export interface RunTimeLimits {
  workflow_id: string;
  stalledSeconds: number;
  runSeconds: number;
}

/** A running task that takes too long. */
export interface SlowRun extends Pick<TaskRecord, 'task_id' | 'workflow_id' | 'attempt'> {
  /** It has run for longer than it may; else it has made no progress for too long. */
  is_over: boolean;
  /** The limit. */
  seconds: number;
}

/**
 * Running tasks that take too long.
 *
 * @param workflows - those with limits of their own
 * @param unusual - workflow -> seconds that a run takes unusually long: that ends it once, and not if another one ended so
 */
export async function findSlow(
  sql: Sql,
  { stalledSeconds, runSeconds }: Omit<RunTimeLimits, 'workflow_id'>,
  workflows: readonly RunTimeLimits[],
  unusual: ReadonlyMap<string, number> = new Map(),
): Promise<SlowRun[]> {
  return await sql.query(
    `SELECT task_id, workflow_id, attempt, is_over, CASE WHEN is_over THEN run ELSE stalled END AS seconds FROM (
       SELECT task_id, workflow_id, attempt, stalled, run, claimed_at < now() - run * interval '1 second' AS is_over,
         coalesce(progress_at, claimed_at) < now() - stalled * interval '1 second' AS is_stalled
       FROM heurist.task LEFT JOIN unnest($3::text[], $4::float8[], $5::float8[]) AS own(workflow_id, own_stalled, own_run)
         USING (workflow_id)
       LEFT JOIN unnest($6::text[], $7::float8[]) AS others(workflow_id, unusual) USING (workflow_id),
         LATERAL (SELECT coalesce(own_stalled, $1::float8) AS stalled, least(
           coalesce(own_run, $2::float8), CASE WHEN NOT history @> '[{"code": "miner_stalled"}]' THEN unusual END
         ) AS run) AS limits
       WHERE status = 'running'
     ) AS running WHERE is_over OR is_stalled`,
    [
      stalledSeconds,
      runSeconds,
      workflows.map(({ workflow_id }) => workflow_id),
      workflows.map((workflow) => workflow.stalledSeconds),
      workflows.map((workflow) => workflow.runSeconds),
      [...unusual.keys()],
      [...unusual.values()],
    ],
  );
}

/** Waiting tasks that failed within `seconds`, with the miners that had them. */
export async function findRetried(sql: Sql, seconds: number): Promise<{ workflow_id: string; miner_ids: string[] }[]> {
  return await sql.query(
    `SELECT DISTINCT workflow_id, ARRAY(SELECT past->>'miner_id' FROM jsonb_array_elements(history) AS past) AS miner_ids
     FROM heurist.task WHERE status = 'waiting' AND attempt > 0
       AND (history->-1->>'ended_at')::timestamptz > now() - $1 * interval '1 second' LIMIT 1000`,
    [seconds],
  );
}

/** A task that has ended, and since when. */
export interface EndedTask {
  task_id: string;
  since: Date;
}

/** Tasks that ended more than `days` ago, the oldest first, but for those that made a file that an open task names. */
export async function findEndedBefore(sql: Sql, days: number, limit: number): Promise<EndedTask[]> {
  return await sql.query<EndedTask>(
    `SELECT task_id, ended_at AS since FROM heurist.task WHERE ended_at < now() - $1 * interval '1 day' AND (
       SELECT 1 FROM heurist.artifact WHERE artifact.task_id = task.task_id AND ${isNeeded('artifact.artifact_id')} LIMIT 1
     ) IS NULL ORDER BY ended_at LIMIT $2`,
    [days, limit],
  );
}

/**
 * Whether an open task names a file of the network. A look into two indexes for each file, whatever the planner expects: not a join
 * with all open tasks.
 */
export function isNeeded(artifact_id: string): string {
  return `(
    SELECT 1 FROM heurist.named_file AS named JOIN heurist.task AS open ON open.task_id = named.task_id
    WHERE named.artifact_id = ${artifact_id} AND open.status IN ('waiting', 'running') LIMIT 1
  ) IS NOT NULL`;
}

/** When the oldest open task was created. */
export async function oldestOpen(sql: Sql): Promise<Date | null> {
  const query = `SELECT min(created_at) AS oldest FROM heurist.task WHERE status IN ('waiting', 'running')`;
  const [row] = await sql.query<{ oldest: Date | null }>(query);
  return row?.oldest ?? null;
}
