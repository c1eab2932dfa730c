import type {
  OutputDescription,
  PastAttempt,
  TaskErrorInfo,
  TaskProgress,
  TaskStatus,
  TaskTimings,
  TaskVersions,
  WorkflowTaskResult,
} from '@heurist/core';
import { cleanParameters } from './reported-parameters.ts';

/** A row of the task table. */
export interface TaskRecord {
  task_id: string;
  number: number;
  /** Tasks are served by turns: see `placeTasks`. */
  turn: number;
  consumer_id: string;
  job_id: string | null;
  /** The session or end user that it was submitted for, if any: others do not see it. */
  scope: string | null;
  fingerprint: string;
  task_type: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | null;
  has_webhook: boolean;
  status: TaskStatus;
  /** The current or last attempt, from 1; 0 before the first one. */
  attempt: number;
  miner_id: string | null;
  /** W3C trace context of its spans. */
  traceparent: string | null;
  /** Its miner's id for the claim: a claim whose response was lost is answered again. */
  claim_id: string | null;
  progress: TaskProgress | null;
  result: string | null;
  artifact_ids: string[] | null;
  /** Whether the workflow made more outputs than these. */
  truncated: boolean | null;
  error: TaskErrorInfo | null;
  parameters: Record<string, unknown> | null;
  models: Record<string, string> | null;
  versions: TaskVersions | null;
  upload_ms: number | null;
  /** The models that it needs; empty if none. */
  model_key: string;
  /** Whether its miner said that it held them when it claimed; `null` if it did not say what it holds. */
  was_warm: boolean | null;
  /** How long they were loaded, as the miner measured; `null` if it did not. */
  load_ms: number | null;
  /** Attempts that failed. */
  history: PastAttempt[];
  created_at: Date;
  claimed_at: Date | null;
  /** When its progress last grew; missing before the first time. */
  progress_at: Date | null;
  ended_at: Date | null;
}

/** What the place of a task in the queue, and its estimated end, are computed from. */
export type TaskPlace = Pick<
  TaskRecord,
  'task_id' | 'workflow_id' | 'status' | 'turn' | 'number' | 'claimed_at' | 'progress'
>;

/** What a consumer may see of a task, from its row. Outputs and the queue position are added in `describeTask`. */
export function toResult(task: TaskRecord): WorkflowTaskResult<OutputDescription> {
  const { task_id, status, workflow_id, attempt, progress, error, models, versions, result, truncated, history } = task;
  const sent = task.task_details.parameters;
  const parameters = task.parameters ? cleanParameters(task.parameters, sent) : sent;
  return {
    task_id,
    status,
    workflow_id,
    attempt,
    ...(result !== null && { result }),
    ...(truncated && { truncated }),
    ...(progress && status === 'running' && { progress }),
    ...(error && { error }),
    ...(history.length && { history }),
    ...(isRecord(parameters) && { parameters }),
    ...(models && Object.keys(models).length && { models }),
    ...(versions && { versions }),
    timings: timingsOf(task),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function timingsOf({ created_at, claimed_at, ended_at, upload_ms, load_ms }: TaskRecord): TaskTimings {
  const total = ended_at && ended_at.getTime() - created_at.getTime();
  const held = ended_at && claimed_at && ended_at.getTime() - claimed_at.getTime();
  return {
    ...(claimed_at && { queued_ms: claimed_at.getTime() - created_at.getTime() }),
    ...(held !== null && { run_ms: Math.max(0, Math.round(held - (upload_ms ?? 0))) }),
    ...(load_ms !== null && { load_ms: Math.round(load_ms) }),
    ...(upload_ms !== null && { upload_ms: Math.round(upload_ms) }),
    ...(total !== null && { total_ms: total }),
  };
}
