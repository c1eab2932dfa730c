import { HeuristError, TaskAbortedError, TaskTimeoutError } from '../wire/errors.ts';
import type { CallOptions } from '../wire/transport.ts';

interface BudgetOptions {
  timeout?: number | undefined;
  interval?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Those that are known before it begins. */
  task_id?: string | undefined;
  job_id?: string | undefined;
}

/** So that a call which is part of another one shares its budget. */
const budgets = new WeakMap<AbortSignal, Budget>();

/** One time limit and one signal for everything that a call does. Its methods are shared: there may be thousands at a time. */
export class Budget {
  /** The task and the job, once their ids are known: errors name them. */
  task_id: string | undefined;
  job_id: string | undefined;
  /** Sends the submit once more: the same job is the same task. */
  find: ((options: CallOptions) => Promise<string>) | undefined;
  /** Why the last attempt failed, if it did. */
  failure: HeuristError | undefined;
  /** Why the task waits, as its last state said. */
  warning: string | undefined;
  /** Attempts to submit of which nobody knows what became. */
  doubts = 0;
  readonly #end = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  /**
   * @param what - what the budget is for, if not a task. Then its end is reported by the last failure.
   * @throws {HeuristError} `invalid_configuration` if the timeout is not positive, or the interval is shorter than a second
   */
  constructor({ timeout = 300_000, interval = 10_000, signal, task_id, job_id }: BudgetOptions, what?: string) {
    requireNumber('interval', interval, 1000);
    requireNumber('timeout', timeout, 1);
    this.task_id = task_id;
    this.job_id = job_id;
    // setTimeout fires immediately if the delay is longer than it supports
    this.#timer = setTimeout(() => this.#expire(timeout, what), Math.min(timeout, 2 ** 31 - 1));
    budgets.set(this.signal, this);
    if (!signal) return;
    const abort = () => this.#end.abort(new TaskAbortedError(signal.reason, this.task_id, this.job_id, what));
    signal.addEventListener('abort', abort, { signal: this.signal });
    if (signal.aborted) abort();
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** For a call that is retried until the budget ends. */
  attempts(): CallOptions {
    return {
      signal: this.signal,
      retries: Number.POSITIVE_INFINITY,
      watch: (failure) => {
        if (!failure) this.doubts++;
        else if (isUnsent(failure)) this.doubts--;
        this.failure = failure ?? this.failure;
      },
    };
  }

  /** Clears the timer; listeners go with the signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
  }

  #expire(timeout: number, what: string | undefined): void {
    const { task_id, job_id, failure, warning } = this;
    this.#end.abort(
      what ? (failure ?? lateError(what, timeout)) : new TaskTimeoutError(timeout, task_id, failure, warning, job_id),
    );
  }
}

/** Runs within the budget of the call that this is part of, or within a new one. Errors name the job. */
export async function withBudget<T>(
  options: BudgetOptions,
  what: string | undefined,
  use: (budget: Budget) => Promise<T>,
): Promise<T> {
  const shared = options.signal && budgets.get(options.signal);
  const budget = shared ?? new Budget(options, what);
  budget.job_id ??= options.job_id;
  try {
    if (what) budget.signal.throwIfAborted();
    return await use(budget);
  } catch (error) {
    if (HeuristError.isInstance(error)) error.job_id ??= budget.job_id;
    throw error;
  } finally {
    if (!shared) budget.end();
  }
}

function requireNumber(name: string, value: number, least: number): void {
  if (value >= least) return;
  throw new HeuristError(`\`${name}\` must be at least ${least} millisecond${least > 1 ? 's' : ''} (got ${value}).`, {
    code: 'invalid_configuration',
  });
}

function lateError(what: string, timeout: number): HeuristError {
  const message = `${what[0]?.toUpperCase()}${what.slice(1)} did not end within ${timeout} ms. Try again, or pass a longer timeout.`;
  return new HeuristError(message, { code: 'request_timeout', isRetryable: true });
}

/** Nothing reached the sequencer, or it did not take it. */
function isUnsent({ status, cause }: HeuristError): boolean {
  for (let each = cause as { code?: unknown; cause?: unknown } | undefined; each; each = each.cause as typeof each)
    if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(`${each.code}`)) return true;
  return status === 425 || status === 429 || status === 503;
}
