import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import { HeuristError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { isTerminal } from '../wire/task-status.ts';
import type { CallOptions } from '../wire/transport.ts';
import { abandon } from './abandon.ts';
import type { Budget } from './budget.ts';
import type { TaskEvents } from './task-events.ts';

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
  /** Only the end of the task is told, if no progress is wanted. */
  follow(task_id: string, signal: AbortSignal, withProgress: boolean): TaskEvents;
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
    if (!onProgress) return;
    const current = JSON.stringify(state);
    if (current === seen) return;
    seen = current;
    isGivenUp = true;
    onProgress(state);
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
    const events = calls.follow(task_id, signal, onProgress !== undefined);
    let last: WorkflowTaskResult | undefined;
    for (;;) {
      const state = await poll();
      if (state) report(withPreview(state, last));
      if (state && isTerminal(state.status)) return state;
      const polledAt = clock.now();
      const left = () => nextPoll(polledAt, gapBefore(polledAt - start, events.isLive, interval)) - clock.now();
      for (let ms = left(); ms > 0; ms = left()) {
        const event = await events.next(ms);
        signal.throwIfAborted();
        // outputs and errors come from the poll
        if (event && isTerminal(event.status)) break;
        if (event) report(event);
        last = event ?? last;
      }
    }
  } catch (error) {
    if (signal.aborted || isGivenUp) abandon(error, budget, onAbort, calls.cancel);
    throw error;
  }
}

/** A batched query leaves previews out: the last one stays until a newer one comes. */
function withPreview(state: WorkflowTaskResult, last: WorkflowTaskResult | undefined): WorkflowTaskResult {
  const { status, progress, attempt } = state;
  const preview = last?.attempt === attempt && last?.progress?.preview;
  if (status !== 'running' || !progress || progress.preview || !preview) return state;
  return { ...state, progress: { ...progress, preview } };
}

/** For as long, in milliseconds, a result without events is seen within a second. */
const PROMPT_MS = 60_000;

/**
 * Milliseconds until the next poll at most. Without events, polls are frequent for a minute; then a gap in proportion to the time
 * that has passed delays the result by a quarter of that time at most.
 */
function gapBefore(elapsed: number, hasEvents: boolean, interval: number): number {
  return hasEvents ? interval : Math.min(interval, elapsed < PROMPT_MS ? 1000 : elapsed / 4);
}

/** When to poll next: a little before the gap is over, at a moment when other waits of the client poll too. */
function nextPoll(now: number, gap: number): number {
  const grid = gap / 10;
  return Math.floor((now + gap) / grid) * grid;
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
