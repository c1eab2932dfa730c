// Statements on the task table that change or delete tasks.
import type { TaskProgress, TaskVersions } from '@heurist/core';
import type { Sql } from '../../database/database.ts';
import { AFTER, BEFORE } from '../task-lifecycle.ts';
import type { TaskRecord } from './task-record.ts';

/** Columns that a change sets. */
export type TaskChanges = Partial<TaskRecord>;

/** An attempt that begins. */
export interface AttemptStart {
  task_id: string;
  attempt: number;
  miner_id: string;
  claim_id: string | undefined;
  /** Of the miner. */
  key_id?: string | undefined;
  machine_id?: string | undefined;
  /** Keys of the models that it holds; `undefined` if it does not say. */
  held?: readonly string[] | undefined;
}

/** What a miner needs of the task that it has claimed. */
export type ClaimedRecord = Pick<
  TaskRecord,
  | 'task_id'
  | 'task_type'
  | 'workflow_id'
  | 'task_details'
  | 'attempt'
  | 'created_at'
  | 'claimed_at'
  | 'history'
  | 'traceparent'
  | 'model_key'
  | 'was_warm'
>;

/** Starts attempts. Returns the tasks that could be claimed. */
export async function startAttempts(sql: Sql, starts: readonly AttemptStart[]): Promise<ClaimedRecord[]> {
  return await sql.query<ClaimedRecord>(
    `UPDATE heurist.task AS task SET status = '${AFTER.claim}', miner_id = claim.miner_id, progress_at = NULL,
       claim_id = claim.claim_id, attempt = claim.attempt, claimed_at = now(), progress = NULL,
       miner_key_id = claim.key_id, machine_id = claim.machine_id, was_warm = CASE WHEN model_key <> '' THEN claim.held ? model_key END
     FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::uuid[], $6::text[], $8::jsonb[])
       AS claim(task_id, attempt, miner_id, claim_id, key_id, machine_id, held)
     WHERE task.task_id = claim.task_id AND status = ANY($7)
     RETURNING task.task_id, task_type, workflow_id, task_details, task.attempt, created_at, claimed_at, history, traceparent,
       model_key, task.was_warm`,
    [
      starts.map(({ task_id }) => task_id),
      starts.map(({ attempt }) => attempt),
      starts.map(({ miner_id }) => miner_id),
      starts.map(({ claim_id }) => claim_id ?? null),
      starts.map(({ key_id }) => key_id || null),
      starts.map(({ machine_id }) => machine_id ?? null),
      BEFORE.claim,
      starts.map(({ held }) => (held ? JSON.stringify(held) : null)),
    ],
  );
}

export async function recordProgress(
  sql: Sql,
  reports: readonly { task_id: string; progress: TaskProgress }[],
): Promise<void> {
  if (!reports.length) return;
  await sql.query(
    `UPDATE heurist.task AS task SET progress = report.progress,
       progress_at = CASE WHEN (report.progress->>'percent')::float8 > coalesce((task.progress->>'percent')::float8, 0)
         THEN now() ELSE task.progress_at END
     FROM jsonb_to_recordset($1) AS report(task_id uuid, progress jsonb)
     WHERE task.task_id = report.task_id AND status = 'running'`,
    [JSON.stringify(reports)],
  );
}

/** What a miner delivers. */
export interface Delivery {
  artifact_ids: string[];
  /** Whether the workflow made more outputs than these. */
  truncated?: boolean | undefined;
  parameters: Record<string, unknown> | undefined;
  models: Record<string, string> | undefined;
  versions: TaskVersions | undefined;
  upload_ms: number | undefined;
  /** Of the run, for the counters alone. */
  load_seconds?: number | undefined;
  /** Of that, how long models were loaded. */
  load_ms?: number | undefined;
  /** Result text of a reference miner, which has no artifacts. */
  result?: string | undefined;
}

/** A task that has just ended. */
export type EndedTask = Pick<
  TaskRecord,
  | 'task_id'
  | 'attempt'
  | 'has_webhook'
  | 'workflow_id'
  | 'miner_id'
  | 'history'
  | 'claimed_at'
  | 'ended_at'
  | 'upload_ms'
  | 'model_key'
  | 'was_warm'
  | 'load_ms'
>;

/** Finishes tasks. Returns those whose attempt was the current one. */
export async function finishTasks(
  sql: Sql,
  deliveries: readonly (Delivery & { task_id: string; attempt: number })[],
): Promise<EndedTask[]> {
  if (!deliveries.length) return [];
  return await sql.query<EndedTask>(
    `UPDATE heurist.task AS task SET status = '${AFTER.finish}', ended_at = now(), artifact_ids = row.artifact_ids,
       parameters = row.parameters, models = row.models, versions = row.versions, upload_ms = row.upload_ms, result = row.result,
       load_ms = row.load_ms, truncated = row.truncated
     FROM jsonb_to_recordset($1) AS row(
       task_id uuid, attempt int, artifact_ids jsonb, parameters jsonb, models jsonb, versions jsonb, upload_ms float8, result text,
       load_ms float8, truncated boolean
     )
     WHERE task.task_id = row.task_id AND task.attempt = row.attempt AND status = ANY($2)
     RETURNING task.task_id, task.attempt, task.has_webhook, task.workflow_id, task.miner_id, task.history,
       task.claimed_at, task.ended_at, task.upload_ms, task.model_key, task.was_warm, task.load_ms`,
    [JSON.stringify(deliveries), BEFORE.finish],
  );
}

/** Sets columns of tasks: of each the columns that the first one names. */
export async function updateTasks(
  sql: Sql,
  changes: readonly (TaskChanges & Pick<TaskRecord, 'task_id'>)[],
): Promise<TaskRecord[]> {
  const { task_id, ...columns } = changes[0]!;
  const assignments = Object.keys(columns).map((column) => `${column} = row.${column}`);
  return await sql.query<TaskRecord>(
    `UPDATE heurist.task AS task SET ${assignments.join(', ')}
     FROM jsonb_populate_recordset(NULL::heurist.task, $1) AS row WHERE task.task_id = row.task_id RETURNING task.*`,
    [JSON.stringify(changes)],
  );
}

export async function deleteTasks(sql: Sql, task_ids: readonly string[]): Promise<void> {
  await sql.query('DELETE FROM heurist.named_file WHERE task_id = ANY($1::uuid[])', [task_ids]);
  await sql.query('DELETE FROM heurist.task WHERE task_id = ANY($1::uuid[])', [task_ids]);
}

/** Deletes previews whose tasks no longer run. */
export async function deleteStalePreviews(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM heurist.preview AS preview WHERE NOT EXISTS (
       SELECT FROM heurist.task AS task WHERE task.task_id = preview.task_id AND task.status = 'running'
     )`,
  );
}
