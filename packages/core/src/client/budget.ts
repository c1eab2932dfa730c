import { HeuristError, TaskAbortedError, TaskTimeoutError } from '../wire/errors.ts';

/** One time limit and one signal for everything that a call does. */
export interface Budget {
  readonly signal: AbortSignal;
  /** The task, once its id is known: errors name it. */
  task_id: string | undefined;
  /** Why the last query failed, if it did. */
  failure: HeuristError | undefined;
  /** Why the task waits, as its last state said. */
  warning: string | undefined;
  /** Clears the timer and removes listeners. */
  end(): void;
}

interface BudgetOptions {
  timeout?: number | undefined;
  interval?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** @throws {HeuristError} `invalid_configuration` if the interval is shorter than a second */
export function createBudget({ timeout = 300_000, interval = 10_000, signal }: BudgetOptions): Budget {
  if (!(interval >= 1000))
    throw new HeuristError(`\`interval\` must be at least 1000 milliseconds (got ${interval}).`, {
      code: 'invalid_configuration',
    });
  const end = new AbortController();
  const abort = () => end.abort(new TaskAbortedError(signal?.reason, budget.task_id));
  // setTimeout fires immediately if the delay is longer than it supports
  const timer = setTimeout(
    () => end.abort(new TaskTimeoutError(timeout, budget.task_id, budget.failure, budget.warning)),
    Math.min(timeout, 2 ** 31 - 1),
  );
  const budget: Budget = {
    signal: end.signal,
    task_id: undefined,
    failure: undefined,
    warning: undefined,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      end.abort();
    },
  };
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  return budget;
}
