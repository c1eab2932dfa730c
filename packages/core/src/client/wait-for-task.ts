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
  options: WaitOptions,
  clock: Clock = monotonicClock,
): Promise<WorkflowTaskResult> {
  const wait = new Wait(calls, budget, options, clock);
  try {
    return await wait.untilEnded(submitted);
  } catch (error) {
    if (budget.signal.aborted || wait.isGivenUp) abandon(error, budget, options.onAbort ?? 'cancel', calls.cancel);
    throw error;
  }
}

/** How long the sequencer may not know a task that it has taken: its replicas may lag. */
const GRACE_MS = 5000;

/** One wait. A class, since there may be thousands at a time, and closures would take the most of their memory. */
class Wait {
  /** Whether `onProgress` has thrown. */
  isGivenUp = false;
  readonly #calls: WaitCalls;
  readonly #budget: Budget;
  readonly #interval: number;
  readonly #onProgress: WaitOptions['onProgress'];
  readonly #clock: Clock;
  #seen = '';
  /** Whether the address is right. */
  #isKnown = false;
  #missingSince: number | undefined;

  constructor(calls: WaitCalls, budget: Budget, { interval = 10_000, onProgress }: WaitOptions, clock: Clock) {
    this.#calls = calls;
    this.#budget = budget;
    this.#interval = interval;
    this.#onProgress = onProgress;
    this.#clock = clock;
  }

  async untilEnded(submitted: string | (() => Promise<string>)): Promise<WorkflowTaskResult> {
    const budget = this.#budget;
    this.#isKnown = typeof submitted !== 'string';
    const task_id = typeof submitted === 'string' ? submitted : await submitted();
    budget.task_id = task_id;
    // the earliest moment at which a caller can learn the id
    if (this.#isKnown) this.#report({ task_id, status: 'waiting' });
    budget.failure = undefined;
    return await this.#follow(task_id);
  }

  async #follow(task_id: string): Promise<WorkflowTaskResult> {
    const clock = this.#clock;
    const { signal } = this.#budget;
    const start = clock.now();
    const events = this.#calls.follow(task_id, signal, this.#onProgress !== undefined);
    let last: WorkflowTaskResult | undefined;
    for (;;) {
      const state = await this.#poll(task_id);
      if (state) this.#report(withPreview(state, last));
      if (state && isTerminal(state.status)) return state;
      const polledAt = clock.now();
      for (;;) {
        const gap = gapBefore(polledAt - start, events.isLive, this.#interval);
        const left = nextPoll(polledAt, gap) - clock.now();
        if (left <= 0) break;
        const event = await events.next(left);
        signal.throwIfAborted();
        // outputs and errors come from the poll
        if (event && isTerminal(event.status)) break;
        if (event) this.#report(event);
        last = event ?? last;
      }
    }
  }

  #report(state: WorkflowTaskResult): void {
    this.#budget.warning = state.status === 'waiting' ? state.warning : undefined;
    if (!this.#onProgress) return;
    const current = JSON.stringify(state);
    if (current === this.#seen) return;
    this.#seen = current;
    this.isGivenUp = true;
    this.#onProgress(state);
    this.isGivenUp = false;
  }

  /** Queries once. A failure that may pass yields `undefined`. */
  async #poll(task_id: string): Promise<WorkflowTaskResult | undefined> {
    const budget = this.#budget;
    const { signal, failure } = budget;
    try {
      const state = await this.#calls.query(task_id, { signal, timeout: 15_000, retries: failure ? 0 : 1 });
      budget.failure = undefined;
      this.#isKnown = true;
      this.#missingSince = undefined;
      return state;
    } catch (error) {
      if (signal.aborted || !HeuristError.isInstance(error) || !this.#mayPass(error)) throw error;
      budget.failure = error;
      return undefined;
    }
  }

  #mayPass({ code, isRetryable, status = 0 }: HeuristError): boolean {
    if (isRetryable || code === 'invalid_reply') return true;
    // a gateway's login page, if the address worked before
    if (this.#isKnown && status >= 300 && status < 400) return true;
    if (code !== 'not_found') return false;
    const now = this.#clock.now();
    this.#missingSince ??= now;
    return now - this.#missingSince < GRACE_MS;
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
