import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import { HeuristError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { isTerminal } from '../wire/task-status.ts';
import type { CallOptions } from '../wire/transport.ts';
import { abandon } from './abandon.ts';
import type { Budget } from './budget.ts';
import { followEvents } from './task-events.ts';

/** How to wait for a task. */
export interface WaitOptions {
  /** Milliseconds for the whole call, even if the sequencer never responds. Default 300000. */
  timeout?: number | undefined;
  /** Longest gap between two polls in milliseconds, at least 1000. Default 10000. Events arrive sooner. */
  interval?: number | undefined;
  /** Ends the wait immediately with a {@link TaskAbortedError}. */
  signal?: AbortSignal | undefined;
  /** Called with the whole state whenever it changes. An error that it throws ends the wait. */
  onProgress?: ((state: WorkflowTaskResult) => void) | undefined;
  /**
   * What to do with the task when the wait times out or is aborted, or when `onProgress` throws. Default `cancel` (the reference client
   * leaves it): the cancel goes on in the background for five seconds at most. A program that exits right away awaits the error's
   * `cancellation` first.
   */
  onAbort?: 'cancel' | 'leave' | undefined;
}

/** The calls that a wait makes. */
export interface WaitCalls {
  query(task_id: string, options: CallOptions): Promise<WorkflowTaskResult>;
  open(task_id: string, signal: AbortSignal): Promise<Response>;
  cancel(task_id: string, options: CallOptions): Promise<unknown>;
}

/**
 * Waits until a task has ended; one that is still to be submitted, first. Polls decide, and events only make it faster: the wait survives lost connections, error
 * pages and a silent event stream.
 *
 * @throws {TaskTimeoutError | TaskAbortedError} if the budget ends first
 * @throws {HeuristError} if the sequencer refuses, such as for a wrong key or an unknown task
 */
export async function waitForTask(
  calls: WaitCalls,
  submitted: string | (() => Promise<string>),
  budget: Budget,
  { interval = 10_000, onProgress, onAbort = 'cancel' }: WaitOptions,
  clock: Clock = monotonicClock,
): Promise<WorkflowTaskResult> {
  const { signal } = budget;
  let seen = '';
  /** Whether `onProgress` has thrown. */
  let isGivenUp = false;
  const report = (state: WorkflowTaskResult) => {
    budget.warning = state.status === 'waiting' ? state.warning : undefined;
    const current = JSON.stringify(state);
    if (current === seen) return;
    seen = current;
    isGivenUp = true;
    onProgress?.(state);
    isGivenUp = false;
  };

  try {
    const isNew = typeof submitted !== 'string';
    const task_id = isNew ? await submitted() : submitted;
    budget.task_id = task_id;
    // the earliest moment at which a caller can learn the id
    if (isNew) report({ task_id, status: 'waiting' });
    budget.failure = undefined;
    const query = () => calls.query(task_id, { signal, timeout: 15_000, retries: budget.failure ? 0 : 1 });
    const poll = createPoll(query, budget, clock, isNew);
    const start = clock.now();
    const events = followEvents((streamSignal) => calls.open(task_id, streamSignal), signal, clock);
    for (;;) {
      const state = await poll();
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
    if (signal.aborted || isGivenUp) abandon(error, budget, onAbort, calls.cancel);
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

/** How long the sequencer may not know a task that it has taken: its replicas may lag. */
const GRACE_MS = 5000;

/** Queries once. A failure that may pass yields `undefined`. */
function createPoll(query: () => Promise<WorkflowTaskResult>, budget: Budget, clock: Clock, isNew: boolean) {
  /** Whether the address is right. */
  let isKnown = isNew;
  let missingSince: number | undefined;

  const mayPass = ({ code, isRetryable, status = 0 }: HeuristError) => {
    if (isRetryable || code === 'invalid_reply') return true;
    // a gateway's login page, if the address worked before
    if (isKnown && status >= 300 && status < 400) return true;
    if (code !== 'not_found') return false;
    missingSince ??= clock.now();
    return clock.now() - missingSince < GRACE_MS;
  };

  return async () => {
    try {
      const state = await query();
      budget.failure = undefined;
      isKnown = true;
      missingSince = undefined;
      return state;
    } catch (error) {
      if (budget.signal.aborted || !HeuristError.isInstance(error) || !mayPass(error)) throw error;
      budget.failure = error;
      return undefined;
    }
  };
}
