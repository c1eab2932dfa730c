import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { WaitOptions } from './wait-for-task.ts';

/** Options of the client. Those left out are read from the environment when the first call is made. */
export interface HeuristOptions {
  /** `consumerId#apiKey`. Default: `HEURIST_API_KEY`. */
  apiKey?: string | undefined;
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | undefined;
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
  /**
   * `header`: the key is sent in the `Authorization` header alone. Default: in the body too, until the sequencer has shown that it reads
   * the header (reference sequencers do not); in browsers in the body alone.
   */
  auth?: 'header' | undefined;
  /**
   * Used for everything that the client sends and fetches: calls, event streams, uploads and downloads. Default: the global `fetch`. It
   * gets a `Request` or an address, and should heed the signal.
   */
  fetch?: ((input: string | URL | Request, init?: RequestInit) => Promise<Response>) | undefined;
  /**
   * Headers for the sequencer, such as those of a gateway before it. They are sent to its origin alone, never to a storage. What the SDK
   * says itself (`Authorization`, `Content-Type` and so on) stays.
   */
  headers?: Headers | Readonly<Record<string, string>> | undefined;
}

/** Options of a submit. */
export interface SubmitOptions {
  /** Milliseconds for the upload of files and the submit, with all retries. Default 60000; within a wait, the timeout of the wait covers it. */
  timeout?: number | undefined;
  /** Aborts the call. The task may exist nevertheless: submitting again with the `job_id` of the error finds it. */
  signal?: AbortSignal | undefined;
  /** Makes the submit idempotent: the same id is the same task. Default: a new id for each call. */
  job_id?: string | undefined;
  /**
   * Public http(s) URL that is notified when the task ends. Verify the message with `verifyWebhook` of
   * `@heurist/core/webhooks`. Delivery is retried for a day.
   */
  webhook_url?: string | undefined;
  /** Refuse the task with `unservable` if no connected miner can run it, instead of queueing it. Default `false`. */
  reject_if_unservable?: boolean | undefined;
  /** Priority among your own tasks; it does not affect other consumers. Default `normal`. */
  priority?: 'low' | 'normal' | 'high' | undefined;
}

/** Options of a call that is not about one task. */
export interface RequestOptions {
  /** Milliseconds for the call with all of its retries. */
  timeout?: number | undefined;
  /** Ends the call immediately with a {@link TaskAbortedError}. */
  signal?: AbortSignal | undefined;
}

/** Response to a cancel. */
export interface CancelResult {
  task_id: string;
  msg: string;
}

/** A task class, for its typed output. Its `parseOutput` must not need an instance. */
export interface TaskClass<Output extends WorkflowTaskOutput = WorkflowTaskOutput> {
  readonly prototype: WorkflowTask<Output>;
}

/**
 * A task that was submitted earlier.
 *
 * @typeParam Result - what `wait` resolves with: the state, or with a task class its typed output
 */
export interface TaskHandle<Result = WorkflowTaskResult> {
  readonly task_id: string;
  /** Queries it once. */
  query(options?: RequestOptions): Promise<WorkflowTaskResult>;
  /**
   * Waits until it has ended. After a timeout or abort the task keeps running, unless `onAbort` is `cancel`.
   *
   * @throws {TaskTimeoutError | TaskAbortedError}, and for a typed output {TaskFailedError | TaskCanceledError}
   */
  wait(options?: WaitOptions): Promise<Result>;
  cancel(options?: RequestOptions): Promise<CancelResult>;
}
