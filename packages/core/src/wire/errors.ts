import type { ErrorCode } from './error-codes.ts';
import type { PastAttempt, TaskErrorInfo, WorkflowTaskResult } from './task-result.ts';

const brands = Symbol.for('heurist.error.brands');

/** Details of an error. */
export interface HeuristErrorOptions {
  /** Stable. Branch on it rather than on the message. */
  code: ErrorCode;
  /** Whether the same call may succeed later. Default `false`. */
  isRetryable?: boolean | undefined;
  /** The task that the error is about, if known. */
  task_id?: string | undefined;
  /** HTTP status, if a server responded. */
  status?: number | undefined;
  /** The error underneath. */
  cause?: unknown;
}

/** An error class with any constructor. */
type ErrorClass<T> = (new (...args: never[]) => T) & { readonly className: string };

/**
 * Base class of every error of this SDK.
 *
 * `HeuristError.isInstance(error)` also recognises errors from another copy of the package (ESM next to CommonJS, or two
 * versions), unlike `instanceof`.
 */
export class HeuristError extends Error {
  /** Name of the class, also in minified code. */
  static readonly className: string = 'HeuristError';
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  /** The task that the error is about, as soon as its id is known. */
  task_id: string | undefined;
  /** The job of the submit. A submit with the same `job_id` finds the same task. */
  job_id: string | undefined;
  readonly status: number | undefined;
  /** Names of the error's class and its base classes. */
  readonly [brands]: string[] = [];

  constructor(message: string, { code, isRetryable = false, task_id, status, cause }: HeuristErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.isRetryable = isRetryable;
    this.task_id = task_id;
    this.job_id = undefined;
    this.status = status;
    this.name = new.target.className;
    for (let type = new.target; type.className; type = Object.getPrototypeOf(type)) this[brands].push(type.className);
    Object.defineProperty(this, brands, { enumerable: false });
  }

  /** Whether a value is an error of this class or a subclass. */
  static isInstance<T extends HeuristError>(this: ErrorClass<T>, value: unknown): value is T {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this method and ask about themselves
    return value instanceof Error && !!(value as Partial<HeuristError>)[brands]?.includes(this.className);
  }
}

/** The task failed. `code` is the task's own error code; `result` is the sequencer's whole response. */
export class TaskFailedError extends HeuristError {
  static override readonly className: string = 'TaskFailedError';
  readonly result: WorkflowTaskResult;
  /** Its attempts that did not finish, the first one first: each with its `code` and miner. Empty if the sequencer does not say. */
  readonly history: readonly PastAttempt[];

  constructor(result: WorkflowTaskResult) {
    const { error } = result as { error?: Partial<TaskErrorInfo> | string | null };
    const { code = 'task_failed', message } = (typeof error === 'string' ? { message: error } : error) ?? {};
    super(`Task ${result.task_id} failed: ${message || 'The sequencer gave no reason.'}`, {
      code,
      task_id: result.task_id,
      isRetryable: result.error?.is_retryable,
    });
    this.result = result;
    this.history = result.history ?? [];
  }
}

/** The task was canceled, by this program or another one with the same key. */
export class TaskCanceledError extends HeuristError {
  static override readonly className: string = 'TaskCanceledError';

  constructor(task_id: string) {
    super(`Task ${task_id} was canceled.`, { code: 'task_canceled', task_id });
  }
}

/** What became of a task whose wait was given up. */
export interface Cancellation {
  /**
   * `canceled`: the network confirmed it. `left`: it goes on, as `onAbort` asks. `not_submitted`: there is no task.
   * `unknown`: the network did not confirm within five seconds; the task may go on.
   */
  outcome: 'canceled' | 'left' | 'not_submitted' | 'unknown';
  /** Why it is unknown. */
  cause?: unknown;
}

/** The task did not end within `timeout`. If it was left running, query it by its `task_id`. */
export class TaskTimeoutError extends HeuristError {
  static override readonly className: string = 'TaskTimeoutError';
  /** Why the task was still waiting, if the sequencer said so: no connected miner can run it. */
  readonly warning: string | undefined;
  /** What becomes of the task. Never rejects, and is settled after five seconds at most. */
  cancellation: Promise<Cancellation> = Promise.resolve({ outcome: 'left' });

  /**
   * @param cause - why the last attempt failed, if it did
   * @param warning - the last `warning` of the task
   */
  constructor(timeoutMs: number, task_id?: string, cause?: Error, warning?: string, job_id?: string) {
    const what = task_id ? `task ${task_id}` : 'the submit';
    const last = task_id ? 'query' : 'attempt';
    const reasons = [warning, cause && `The last ${last} failed: ${cause.message}`].filter(Boolean);
    const advice = reasons.join(' ') || 'Pass a longer timeout.';
    super(`Timeout waiting for task result: ${what} did not end within ${timeoutMs} ms. ${advice}`, {
      code: 'task_timeout',
      task_id,
      isRetryable: true,
      cause,
    });
    this.job_id = job_id;
    this.warning = warning;
  }
}

/** The caller's `AbortSignal` fired. `name` is `AbortError`, as in web APIs. */
export class TaskAbortedError extends HeuristError {
  static override readonly className: string = 'TaskAbortedError';
  /** What becomes of the task. Never rejects, and is settled after five seconds at most. */
  cancellation: Promise<Cancellation> = Promise.resolve({ outcome: 'left' });

  constructor(reason: unknown, task_id?: string, job_id?: string, what: string = 'the submit') {
    super(`Waiting for ${task_id ? `task ${task_id}` : what} was aborted.`, {
      code: 'aborted',
      task_id,
      cause: reason,
    });
    this.job_id = job_id;
    this.name = 'AbortError';
  }
}
