import { TASK_STATUSES, type TaskStatus } from './task-status.ts';

/** What is known of a file that a task made, but for its size. */
interface OutputFacts {
  /** Download URL. It is signed and expires: keep the file rather than the URL. */
  url: string;
  /** Kind of file. */
  kind: 'image' | 'video' | 'audio' | 'text' | 'file';
  /** Media type, such as `image/png`. */
  content_type: string;
  /** SHA-256 of the bytes, lower-case hex. */
  sha256: string;
  /** File name chosen by the node. */
  filename: string;
  /** Node in the graph that made it. */
  node_id?: string;
  /** Width in pixels, for images. */
  width?: number;
  /** Height in pixels, for images. */
  height?: number;
  /** What it says, for the kind `text`: its first 10,000 characters, without control characters. The file has all of it. */
  text?: string;
  /** Whether `text` is only the beginning. */
  truncated?: boolean;
}

/** What is known of a file that a task made, as it crosses the wire. */
export interface OutputDescription extends OutputFacts {
  /** Size in bytes. */
  bytes: number;
}

/** Options of a download. */
export interface DownloadOptions {
  /** Ends the download with a {@link TaskAbortedError}. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt; four retries follow. Default 600000. */
  timeout?: number | undefined;
}

/**
 * A file that a task made. Its methods download it: an interrupted download goes on where it was cut off, and size and SHA-256 are
 * compared with the miner's. They are no part of copies; the result of a later query has them again. Its JSON is the
 * {@link OutputDescription} that crossed the wire, where `bytes` is the size.
 *
 * Each throws a {@link HeuristError}: `connection_failed` if the download fails, `invalid_reply` if the file arrived damaged, `aborted`.
 */
export interface TaskOutput extends OutputFacts {
  /** Size in bytes. */
  size: number;
  /** The whole file. */
  bytes(options?: DownloadOptions): Promise<Uint8Array>;
  /** The whole file, with its media type: for `URL.createObjectURL` and `FormData`. */
  blob(options?: DownloadOptions): Promise<Blob>;
  /** The file as it arrives. It fails at its end if it is damaged; browsers compare the size alone. */
  stream(options?: DownloadOptions): ReadableStream<Uint8Array>;
  /**
   * Saves the file whole or not at all, with the folders that are missing. For Node, Bun and Deno.
   *
   * @returns the path
   * @throws {HeuristError} `invalid_input` if the path cannot be written, `unsupported` in browsers
   */
  save(path: string, options?: DownloadOptions): Promise<string>;
}

/** Progress of a task. */
export interface TaskProgress {
  /** From 0 to 100 over the whole graph. Never decreases within an attempt. */
  percent: number;
  /** Class of the node that is running, such as `ImageUpscaleWithModel`. */
  node?: string | undefined;
  /** Preview of the work so far, as a `data:` URL. */
  preview?: string | undefined;
}

/** Why a task failed. */
export interface TaskErrorInfo {
  /** Stable code, such as `input_unreachable` or `execution_failed`. */
  code: string;
  /** What failed and how to fix it. */
  message: string;
  /** Whether the message is only the beginning of what the node said. */
  truncated?: boolean | undefined;
  /** Whether the same task may succeed later. */
  is_retryable?: boolean | undefined;
  /** Node in the graph that failed. */
  node_id?: string | undefined;
  /** Class of that node. */
  node_type?: string | undefined;
}

/** An attempt that did not finish. */
export interface PastAttempt {
  /** 1 for the first. */
  attempt: number;
  miner_id: string;
  /** Reason, such as `miner_lost` or `execution_failed`. */
  code: string;
  /** When it ended, ISO 8601. */
  ended_at: string;
}

/** Software and models that a task was run with. */
export interface TaskVersions {
  /** Version of ComfyUI. */
  comfyui: string;
  /** Version of PyTorch. */
  pytorch?: string | undefined;
  /** Folder -> version of each custom node pack that the graph uses; `unknown` if the server does not report it. */
  nodes?: Record<string, string> | undefined;
  /** `folder/name` of each model file -> its size in bytes and modification time, ISO 8601. */
  models?: Record<string, { bytes: number; modified_at: string }> | undefined;
}

/** Duration of each stage, in milliseconds. */
export interface TaskTimings {
  /** From the submit until a miner claimed it. */
  queued_ms?: number;
  /** From the claim to the end of the graph, including the download of inputs. */
  run_ms?: number;
  /** Of that, how long models were loaded, as the miner measured: 0 if they were in memory. */
  load_ms?: number;
  /** From the end of the graph until the outputs were stored. */
  upload_ms?: number;
  /** From the submit to the end. */
  total_ms?: number;
}

/**
 * Response to a query. Every sequencer sends the first three fields; the others come from our sequencer.
 *
 * @typeParam Output - what its outputs are: files, or on the wire their descriptions
 */
export interface WorkflowTaskResult<Output extends OutputFacts = TaskOutput> {
  task_id: string;
  status: TaskStatus;
  /** URL of the first output once `finished`. Other sequencers may send another form. */
  // biome-ignore lint/suspicious/noExplicitAny: the reference protocol leaves the form of `result` open
  result?: any;
  workflow_id?: string;
  /** Number of tasks ahead of this one while `waiting`; 0 means next. */
  queue_position?: number;
  /** While `waiting`: that no connected miner can run this workflow. Later: why the output may not be what was asked for. */
  warning?: string;
  /** Estimated seconds until it ends, from its own pace and from similar tasks. */
  eta_seconds?: number;
  progress?: TaskProgress;
  outputs?: Output[];
  /** That the workflow made more outputs than a task can have (1,000, or what the operator has set): `outputs` are the first. */
  truncated?: boolean;
  /** What the workflow said, such as a caption: the `text` of its outputs, each from a line of its own. */
  text?: string;
  error?: TaskErrorInfo;
  timings?: TaskTimings;
  /** Parameters of the submit; after the run, those of the run, including seeds that were chosen. */
  parameters?: Record<string, unknown>;
  /** Name of a model in the graph -> name of the file that was used. */
  models?: Record<string, string>;
  /** Versions of ComfyUI, custom nodes and model files that it was run with. */
  versions?: TaskVersions;
  /** Number of attempts so far. */
  attempt?: number;
  /** Attempts that did not finish, in order. */
  history?: PastAttempt[];
}

/**
 * Whether a value has what the SDK reads of a task: the rule of `taskResultSchema`, for code that must stay small. Its outputs get their
 * methods before a caller sees them.
 */
export function isTaskResult(value: unknown): value is WorkflowTaskResult {
  const { task_id, status, outputs } = (value ?? {}) as Partial<WorkflowTaskResult<OutputDescription>>;
  const hasUrl = (output?: Partial<OutputDescription>) => typeof output?.url === 'string';
  return (
    typeof task_id === 'string' &&
    TASK_STATUSES.includes(status as TaskStatus) &&
    (outputs === undefined || (Array.isArray(outputs) && outputs.every(hasUrl)))
  );
}
