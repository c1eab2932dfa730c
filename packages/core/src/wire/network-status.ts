import * as z from 'zod/mini';
import { number, string } from './reply-fields.ts';
import type { TaskErrorInfo } from './task-result.ts';

/** A connected miner. */
export interface MinerStatus {
  miner_id: string;
  /** Whether it is running a task. */
  is_busy: boolean;
  /** Workflows that it runs. */
  workflow_ids: string[];
  /** Workflow id -> what its ComfyUI lacks to run it, one line per item. */
  lacks: Record<string, string[]>;
  /**
   * Workflows of which it gets no tasks until a time (ISO 8601), or a few at a time if there is none: tasks that failed there
   * were finished by other miners. Absent for a miner that does well.
   */
  put_aside?: { workflow_id: string; until?: string; failures: number; codes: string[] }[];
  /** The models that it holds in memory, by their keys, at most twenty. Absent if it does not say. */
  models?: string[];
}

/** A workflow of the network and its load. */
export interface WorkflowStatus {
  workflow_id: string;
  task_type: string;
  title: string;
  /** Number of connected miners that run it. */
  miners: number;
  waiting: number;
  running: number;
  /** Tasks that finished in the last hour. */
  finished: number;
  /** Tasks that failed in the last hour. */
  failed: number;
  /** Mean time from claim to end over the last hour, in milliseconds. Absent if no task finished. */
  run_ms?: number;
  /**
   * How its tasks found their models, among the last thousand tasks of the network that ended. Absent if no miner says what it holds.
   */
  models?: {
    /** Tasks that went to a miner that held the models. */
    warm: number;
    /** Tasks that went to one that did not. */
    cold: number;
    /** Runs in which models were loaded. */
    switches: number;
    /** How long that took, in the mean, in milliseconds. Absent if there was none. */
    load_ms?: number;
  };
}

/** A task of the caller that failed recently. */
export interface RecentFailure {
  task_id: string;
  workflow_id: string;
  /** When it failed, ISO 8601. */
  ended_at: string;
  error: TaskErrorInfo;
}

/** A webhook of the caller that could not be delivered. */
export interface DeadWebhook {
  task_id: string;
  url: string;
  attempts: number;
  /** Why the last attempt failed. */
  last_error: string;
}

/** Status of a network. */
export interface NetworkStatus {
  miners: MinerStatus[];
  workflows: WorkflowStatus[];
  /** The caller's failed tasks of the last day, newest first, at most twenty. */
  recent_failures: RecentFailure[];
  /** The caller's undelivered webhooks, newest first, at most twenty. */
  dead_webhooks: DeadWebhook[];
}

const workflow = z.looseObject({ workflow_id: string(), miners: number(), waiting: number() });
const miner = z.looseObject({ miner_id: string(), workflow_ids: z.array(string()) });

/** Only the fields that this SDK reads are checked. */
export const networkStatusSchema = z.looseObject({
  miners: z.array(miner),
  workflows: z.array(workflow),
  recent_failures: z.array(z.looseObject({ task_id: string() })),
}) as z.ZodMiniType as z.ZodMiniType<NetworkStatus>;
