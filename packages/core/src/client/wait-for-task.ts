import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { HeuristError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { isTerminal } from '../wire/task-status.ts';
import type { CallOptions } from '../wire/transport.ts';
import type { Budget } from './budget.ts';
import { followEvents } from './task-events.ts';

/** How to wait for a task. */
export interface WaitOptions {
  /** Milliseconds for the whole call, even if the sequencer never responds. Default 300000. */
  timeout?: number;
  /** Longest gap between two polls in milliseconds, at least 1000. Default 10000. Events arrive sooner. */
  interval?: number;
  /** Ends the wait immediately with a {@link TaskAbortedError}. */
  signal?: AbortSignal;
  /** Called with the whole state whenever it changes. An error that it throws ends the wait. */
  onProgress?: (state: WorkflowTaskResult) => void;
  /**
   * What to do with the task when the wait times out or is aborted. Default `cancel`: the cancel is sent in the background,
   * so a program that exits right away should pass `leave` and await `cancelTask` itself.
   */
  onAbort?: 'cancel' | 'leave';
}

/** The calls that a wait makes. */
export interface WaitCalls {
  query(task_id: string, options: CallOptions): Promise<WorkflowTaskResult>;
  open(task_id: string, signal: AbortSignal): Promise<Response>;
  cancel(task_id: string, options: CallOptions): Promise<unknown>;
}

/**
 * Waits until a task has ended. Polls decide, and events only make it faster: the wait survives lost connections, error
 * pages and a silent event stream.
 *
 * @throws {TaskTimeoutError | TaskAbortedError} if the budget ends first
 * @throws {HeuristError} if the sequencer refuses, such as for a wrong key or an unknown task
 */
export async function waitForTask(
  calls: WaitCalls,
  task_id: string,
  budget: Budget,
  { interval = 10_000, onProgress, onAbort = 'cancel' }: WaitOptions,
  clock: Clock = systemClock,
): Promise<WorkflowTaskResult> {
  const { signal } = budget;
  let seen = '';
  const report = (state: WorkflowTaskResult) => {
    budget.warning = state.status === 'waiting' ? state.warning : undefined;
    const current = JSON.stringify(state);
    if (current !== seen) onProgress?.(state);
    seen = current;
  };

  try {
    const start = clock.now();
    const events = followEvents((streamSignal) => calls.open(task_id, streamSignal), signal, clock);
    for (;;) {
      const state = await poll(() => calls.query(task_id, { signal, timeout: 15_000, retries: 1 }), budget);
      if (state) report(state);
      if (state && isTerminal(state.status)) return state;
      const next = clock.now() + gapBefore(clock.now() - start, events.isLive, interval);
      while (clock.now() < next) {
        const event = await events.next(next - clock.now());
        signal.throwIfAborted();
        // outputs and errors come from the poll
        if (event && isTerminal(event.status)) break;
        if (event) report(event);
      }
    }
  } catch (error) {
    if (signal.aborted && onAbort === 'cancel')
      void calls.cancel(task_id, { timeout: 5000, retries: 1 }).catch(() => {});
    throw error;
  }
}

/**
 * Milliseconds until the next poll. Without events, polls are frequent at first: a gap in proportion to the time that has
 * passed delays the result by a quarter of that time at most.
 */
function gapBefore(elapsed: number, hasEvents: boolean, interval: number): number {
  return hasEvents ? interval : Math.min(interval, Math.max(1000, elapsed / 4));
}

/** Queries once. A temporary failure yields `undefined`. */
async function poll(
  query: () => Promise<WorkflowTaskResult>,
  budget: Pick<Budget, 'failure'>,
): Promise<WorkflowTaskResult | undefined> {
  try {
    const state = await query();
    budget.failure = undefined;
    return state;
  } catch (error) {
    if (!HeuristError.isInstance(error) || !error.isRetryable || error.code === 'task_timeout') throw error;
    budget.failure = error;
    return undefined;
  }
}
