// Statements on the task table about the models that tasks need.
import type { Sql } from '../../database/database.ts';
import type { MachineRun, ModelTimes } from '../warm/summarize-fleet.ts';

/** What machines run now. */
export async function runningModels(sql: Sql): Promise<MachineRun[]> {
  return await sql.query<MachineRun>(
    `SELECT miner_id, coalesce(machine_id, '') AS machine_id, model_key, was_warm,
       extract(epoch FROM clock_timestamp() - claimed_at)::float8 * 1000 AS elapsed_ms
     FROM heurist.task WHERE status = 'running' AND miner_id IS NOT NULL`,
  );
}

/** How long runs with each model took, of the tasks that finished last: half of them no longer than these. */
export async function modelTimes(sql: Sql, maxTasks: number): Promise<ModelTimes[]> {
  return await sql.query<ModelTimes>(
    `SELECT model_key,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY held - least(load_ms, held)) AS run_ms,
       percentile_cont(0.75) WITHIN GROUP (ORDER BY held - least(load_ms, held)) AS slow_ms,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY least(load_ms, held)) FILTER (WHERE NOT was_warm) AS load_ms
     FROM (
       SELECT model_key, load_ms, was_warm, status,
         extract(epoch FROM ended_at - claimed_at)::float8 * 1000 - coalesce(upload_ms, 0) AS held
       FROM heurist.task WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT $1
     ) AS latest WHERE status = 'finished' AND model_key <> '' AND load_ms IS NOT NULL GROUP BY model_key`,
    [maxTasks],
  );
}

/** How tasks of a workflow found their models, of the last that finished. */
export interface WorkflowLoads {
  workflow_id: string;
  /** Claimed by miners that said that they held them, and by others that said what they hold. */
  warm: number;
  cold: number;
  /** Runs in which models were loaded. */
  switches: number;
  /** How long that took, in the mean; `null` if there was none. */
  load_ms: number | null;
}

export async function workflowLoads(sql: Sql, maxTasks: number): Promise<WorkflowLoads[]> {
  return await sql.query<WorkflowLoads>(
    `SELECT workflow_id, count(*) FILTER (WHERE was_warm)::int AS warm, count(*) FILTER (WHERE NOT was_warm)::int AS cold,
       count(*) FILTER (WHERE load_ms > 0)::int AS switches, avg(load_ms) FILTER (WHERE load_ms > 0)::float8 AS load_ms
     FROM (
       SELECT workflow_id, was_warm, load_ms FROM heurist.task WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT $1
     ) AS latest WHERE was_warm IS NOT NULL OR load_ms IS NOT NULL GROUP BY workflow_id`,
    [maxTasks],
  );
}

/** Waiting tasks of one workflow that need the same models, and have the turn that is next. */
export interface ModelGroup {
  workflow_id: string;
  model_key: string;
  /** The first one first. */
  task_ids: string[];
  /** When the first one was created, in milliseconds. */
  since: number;
  /** The time, by the database's clock. */
  now: number;
}

/**
 * The tasks of the next turn of each workflow, by the models that they need, in their order. A turn has one task of each owner, so
 * whichever of them goes first, owners are served in turn.
 *
 * @param most - tasks of a workflow that are looked at
 */
export async function findModelGroups(sql: Sql, workflow_ids: readonly string[], most: number): Promise<ModelGroup[]> {
  if (!workflow_ids.length) return [];
  return await sql.query<ModelGroup>(
    `SELECT workflow_id, model_key, array_agg(task_id ORDER BY number) AS task_ids,
       extract(epoch FROM (array_agg(created_at ORDER BY number))[1])::float8 * 1000 AS since,
       extract(epoch FROM clock_timestamp())::float8 * 1000 AS now
     FROM unnest($1::text[]) AS workflow(workflow_id), LATERAL (
       SELECT task_id, model_key, number, created_at FROM heurist.task
       WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id AND turn = (
         SELECT min(turn) FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id
       ) ORDER BY turn, number LIMIT $2
     ) AS head GROUP BY workflow_id, model_key ORDER BY min(number)`,
    [workflow_ids, most],
  );
}

/** Forgets lines that were passed by until their first task was taken, or ended. */
export async function deleteTakenPassed(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM heurist.passed WHERE NOT EXISTS (
       SELECT FROM heurist.task WHERE task.task_id = passed.head_id AND status = 'waiting'
     )`,
  );
}
