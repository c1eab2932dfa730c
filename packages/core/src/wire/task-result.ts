import * as z from 'zod/mini';
import { TASK_STATUSES, type TaskStatus } from './task-status.ts';

/** One file that a task made. */
export interface TaskOutput {
  /** Where to fetch it. Signed and expiring: save the file rather than the address. */
  url: string;
  /** What it is. */
  kind: 'image' | 'video' | 'audio' | 'text' | 'file';
  /** Media type, such as `image/png`. */
  content_type: string;
  /** Size in bytes. */
  bytes: number;
  /** SHA-256 of the bytes, lower-case hex. */
  sha256: string;
  /** File name that the node chose. */
  filename: string;
  /** Node of the graph that made it. */
  node_id?: string;
  /** Width in pixels, for pictures. */
  width?: number;
  /** Height in pixels, for pictures. */
  height?: number;
}

/** How far a task is. */
export interface TaskProgress {
  /** 0 to 100 over the whole graph; never goes back within one attempt. */
  percent: number;
  /** Class of the node that runs now, such as `ImageUpscaleWithModel`. */
  node?: string | undefined;
  /** Picture of the work so far, as a `data:` URL. */
  preview?: string | undefined;
}

/** Why a task failed. */
export interface TaskErrorInfo {
  /** Stable code, such as `input_unreachable` or `execution_failed`. */
  code: string;
  /** What failed and how to mend it. */
  message: string;
  /** Whether the same task may succeed later. */
  is_retryable?: boolean | undefined;
  /** Node of the graph that failed. */
  node_id?: string | undefined;
  /** Class of that node. */
  node_type?: string | undefined;
}

/** An attempt that came to nothing. */
export interface PastAttempt {
  /** 1 for the first. */
  attempt: number;
  miner_id: string;
  /** Why, such as `miner_lost` or `execution_failed`. */
  code: string;
  /** When it ended, ISO 8601. */
  ended_at: string;
}

/** What a task was run with. */
export interface TaskVersions {
  /** Version of ComfyUI. */
  comfyui: string;
  /** Version of PyTorch. */
  pytorch?: string | undefined;
  /** Packs of custom nodes that the graph uses, by folder; `unknown` where the server does not tell. */
  nodes?: Record<string, string> | undefined;
  /** Model files as `folder/name`: their size in bytes, and when they were written, ISO 8601. */
  models?: Record<string, { bytes: number; modified_at: string }> | undefined;
}

/** How long each stage took, in milliseconds. */
export interface TaskTimings {
  /** From the submit to the claim by a miner. */
  queued_ms?: number;
  /** From the claim to the end of the graph, input download included. */
  run_ms?: number;
  /** From the end of the graph until the outputs were stored. */
  upload_ms?: number;
  /** From the submit to the end. */
  total_ms?: number;
}

/**
 * Answer to a query. The first three fields are the contract that every sequencer keeps; the others are there when the
 * sequencer is ours.
 */
export interface WorkflowTaskResult {
  task_id: string;
  status: TaskStatus;
  /** URL of the first output once `finished`. Other sequencers may answer in another form. */
  // biome-ignore lint/suspicious/noExplicitAny: the reference protocol leaves the form of `result` open
  result?: any;
  workflow_id?: string;
  /** Number of tasks before this one while `waiting`; 0 means next. */
  queue_position?: number;
  /** Why a `waiting` task may wait long: no miner that is there now runs its workflow. */
  warning?: string;
  /** Seconds until it ends, as far as can be told from its own pace and from others of its kind. */
  eta_seconds?: number;
  progress?: TaskProgress;
  outputs?: TaskOutput[];
  error?: TaskErrorInfo;
  timings?: TaskTimings;
  /** Parameters as they were asked for; once run, as they were run, chosen seeds included. */
  parameters?: Record<string, unknown>;
  /** Model files that were used, by the name that the graph asks for. */
  models?: Record<string, string>;
  /** What it was run with: versions of ComfyUI, of custom nodes and of model files. */
  versions?: TaskVersions;
  /** How many miners have been handed this task so far. */
  attempt?: number;
  /** Attempts that came to nothing, the first first. */
  history?: PastAttempt[];
}

/** A reply is taken as it comes, as long as the parts that this SDK itself reads are right. */
export const taskResultSchema = z.looseObject({
  task_id: z.string(),
  status: z.enum(TASK_STATUSES),
  outputs: z.optional(z.array(z.looseObject({ url: z.string() }))),
}) as z.ZodMiniType as z.ZodMiniType<WorkflowTaskResult>;
