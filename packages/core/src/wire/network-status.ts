import * as z from 'zod/mini';
import type { TaskErrorInfo } from './task-result.ts';

/** A miner that was heard of lately. */
export interface MinerStatus {
  miner_id: string;
  /** Whether it holds a task now. */
  is_busy: boolean;
  /** What it runs. */
  workflow_ids: string[];
  /** Workflow id -> what its ComfyUI lacks to run it, one line each. */
  lacks: Record<string, string[]>;
}

/** A workflow of the network, and how busy it is. */
export interface WorkflowStatus {
  workflow_id: string;
  task_type: string;
  title: string;
  /** How many live miners run it. */
  miners: number;
  waiting: number;
  running: number;
  /** Ended in the last hour. */
  finished: number;
  /** Ended in the last hour. */
  failed: number;
  /** From claim to end, in milliseconds: the mean of the last hour. Not there when none finished. */
  run_ms?: number;
}

/** A task of the caller that failed lately. */
export interface RecentFailure {
  task_id: string;
  workflow_id: string;
  /** ISO 8601. */
  ended_at: string;
  error: TaskErrorInfo;
}

/** A message about a task of the caller that its receiver never took. */
export interface DeadWebhook {
  task_id: string;
  url: string;
  attempts: number;
  /** Why the last attempt failed. */
  last_error: string;
}

/** What a network can do now. */
export interface NetworkStatus {
  miners: MinerStatus[];
  workflows: WorkflowStatus[];
  /** The caller's own, the newest first, at most twenty, none older than a day. */
  recent_failures: RecentFailure[];
  /** The caller's own, the newest first, at most twenty. */
  dead_webhooks: DeadWebhook[];
}

const workflow = z.looseObject({ workflow_id: z.string(), miners: z.number(), waiting: z.number() });
const miner = z.looseObject({ miner_id: z.string(), workflow_ids: z.array(z.string()) });

/** A reply is taken as it comes, as long as the parts that tell what runs are right. */
export const networkStatusSchema = z.looseObject({
  miners: z.array(miner),
  workflows: z.array(workflow),
  recent_failures: z.array(z.looseObject({ task_id: z.string() })),
}) as z.ZodMiniType as z.ZodMiniType<NetworkStatus>;
