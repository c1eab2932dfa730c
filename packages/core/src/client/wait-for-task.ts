import { HeuristError, TaskAbortedError, TaskTimeoutError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { isTerminal } from '../wire/task-status.ts';
import type { CallOptions } from '../wire/transport.ts';
import { followHints } from './task-events.ts';

/** How to wait for a task. */
export interface WaitOptions {
  /** Milliseconds for the whole wait, even if the server never answers. Default 300000. */
  timeout?: number;
  /** Longest gap between two looks, in milliseconds; at least 1000. Default 10000. Events make looks unnecessary. */
  interval?: number;
  /** Ends the wait at once with a {@link TaskAbortedError}. */
  signal?: AbortSignal;
  /** Called with the whole state whenever something changed. What it throws ends the wait. */
  onProgress?: (state: WorkflowTaskResult) => void;
  /**
   * What becomes of the task when the wait ends by timeout or abort. Default `cancel`: sent in the background, so that the
   * wait ends at once; a program that exits right then should pass `leave` and await `cancelTask` itself.
   */
  onAbort?: 'cancel' | 'leave';
}

/** The calls that waiting needs. */
export interface WaitCalls {
  query(task_id: string, options: CallOptions): Promise<WorkflowTaskResult>;
  open(task_id: string, signal: AbortSignal): Promise<Response>;
  cancel(task_id: string, options: CallOptions): Promise<unknown>;
}

/** One time budget and one way to stop for everything that a call does. */
export interface Budget {
  readonly signal: AbortSignal;
  /** The task, as soon as its id is known: errors name it. */
  task_id: string | undefined;
  /** Lets go of the timer, and of whatever still listens. */
  end(): void;
}

/** @throws {HeuristError} `invalid_configuration` for an interval under a second */
export function createBudget({ timeout = 300_000, interval = 10_000, signal }: WaitOptions): Budget {
  if (!(interval >= 1000))
    throw new HeuristError(`Interval should be at least 1000 (1 second), not ${interval}.`, {
      code: 'invalid_configuration',
    });
  const end = new AbortController();
  const abort = () => end.abort(new TaskAbortedError(signal?.reason, budget.task_id));
  // a longer delay than setTimeout takes would fire at once
  const timer = setTimeout(
    () => end.abort(new TaskTimeoutError(timeout, budget.task_id)),
    Math.min(timeout, 2 ** 31 - 1),
  );
  const budget: Budget = {
    signal: end.signal,
    task_id: undefined,
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

/**
 * Waits until a task has ended. The poll is the truth and the event stream a hint: a wait outlives lost connections,
 * error pages and a stream that never says anything.
 *
 * @throws {TaskTimeoutError | TaskAbortedError} when the budget ends first
 * @throws {HeuristError} when the sequencer refuses (wrong key, unknown task)
 */
export async function waitForTask(
  calls: WaitCalls,
  task_id: string,
  { signal }: Budget,
  { interval = 10_000, onProgress, onAbort = 'cancel' }: WaitOptions,
): Promise<WorkflowTaskResult> {
  let seen = '';
  const report = (state: WorkflowTaskResult) => {
    const news = JSON.stringify(state);
    if (news !== seen) onProgress?.(state);
    seen = news;
  };

  try {
    const start = Date.now();
    const hints = followHints((streamSignal) => calls.open(task_id, streamSignal), signal);
    for (;;) {
      const state = await look(() => calls.query(task_id, { signal, timeout: 15_000, retries: 1 }));
      if (state) report(state);
      if (state && isTerminal(state.status)) return state;
      // without events, look often at first: a gap in proportion to the time so far wastes at most a quarter of it
      const gap = hints.isLive ? interval : Math.min(interval, Math.max(1000, (Date.now() - start) / 4));
      for (const next = Date.now() + gap; Date.now() < next; ) {
        const hint = await hints.next(next - Date.now());
        signal.throwIfAborted();
        if (hint && isTerminal(hint.status)) break;
        if (hint) report(hint);
      }
    }
  } catch (error) {
    if (signal.aborted && onAbort === 'cancel')
      void calls.cancel(task_id, { timeout: 5000, retries: 1 }).catch(() => {});
    throw error;
  }
}

/** One look at the truth; a failure in passing counts as not having looked. */
async function look(query: () => Promise<WorkflowTaskResult>): Promise<WorkflowTaskResult | undefined> {
  try {
    return await query();
  } catch (error) {
    if (HeuristError.isInstance(error) && error.isRetryable && error.code !== 'task_timeout') return undefined;
    throw error;
  }
}
