import { HeuristError, type TaskProgress } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { HeartbeatAnswer, HeldTask } from './sequencer-client.ts';

/** The task is not this miner's any more. */
export class LeaseLostError extends Error {
  readonly isCanceled: boolean;

  constructor(isCanceled: boolean) {
    super(isCanceled ? 'The consumer canceled the task.' : 'The lease is lost: another miner has the task now.');
    this.isCanceled = isCanceled;
  }
}

/** Whether an error says that the task is not this miner's any more. */
export function isLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (HeuristError.isInstance(error) && error.code === 'lease_lost');
}

/** Progress goes up at most this often, in milliseconds. */
export const REPORT_MS = 250;
/** In a long run more seldom, down to this: who watches it sees a fiftieth of it pass at least. */
const LONGEST_REPORT_MS = 2000;
const REPORTS_PER_RUN = 50;

/** What sends heartbeats. */
interface Sender {
  heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<HeartbeatAnswer>;
}

/** Keeps a lease alive by heartbeats, until it is released. A heartbeat that fails is sent again; the sequencer decides. */
export class LeaseKeeper {
  readonly #sender: Sender;
  readonly #task: Pick<HeldTask, 'lease_id' | 'heartbeat_seconds'>;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #beganAt: number;
  readonly #lost = new AbortController();
  /** Until the next heartbeat, as the sequencer said last. */
  #intervalMs: number;
  #progress: TaskProgress = { percent: 0 };
  #preview: string | undefined;
  #hasNews = false;
  /** Ends the sleep before the next heartbeat; `undefined` while one is on its way. */
  #sleeping: AbortController | undefined;
  #nextBeat = Number.POSITIVE_INFINITY;
  #isReleased = false;
  #isAway = false;

  /** @param onEnd - called when it is released, or lost */
  constructor(
    sender: Sender,
    task: Pick<HeldTask, 'lease_id' | 'heartbeat_seconds'>,
    clock: Clock = systemClock,
    onEnd: () => void = () => {},
  ) {
    this.#sender = sender;
    this.#task = task;
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#beganAt = clock.now();
    this.#intervalMs = task.heartbeat_seconds * 1000;
    this.#beatWithin(this.#intervalMs);
  }

  /** How long the lease can do without a heartbeat now, in milliseconds: it grows with the run. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Fires with a {@link LeaseLostError} when the task was canceled or handed to another miner. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether the last heartbeat was not answered. */
  readonly isAway = (): boolean => this.#isAway;

  /** Goes up with the next heartbeat, which comes soon. What is left out stays as it was. */
  report({ preview = this.#preview, ...progress }: Partial<TaskProgress>): void {
    this.#progress = { ...this.#progress, ...progress };
    this.#preview = preview;
    this.#hasNews = true;
    if (this.#sleeping) this.#beatWithin(this.#reportMs);
  }

  /** Sends no more heartbeats. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#sleeping?.abort();
    this.#onEnd();
  }

  /** Somebody else renews the lease for now: without news, the next heartbeat comes after `ms`. */
  leaveAlone(ms: number): void {
    if (!this.#sleeping || this.#hasNews) return;
    this.#nextBeat = Number.POSITIVE_INFINITY;
    this.#beatWithin(ms);
  }

  /** What the sequencer has said of this lease. */
  accept(answer: HeartbeatAnswer | { error: unknown }): void {
    this.#isAway = 'error' in answer;
    // soon again after one that failed, as a sequencer of the version before wants it each time
    const { heartbeat_seconds = this.#task.heartbeat_seconds } = 'error' in answer ? {} : answer;
    this.#intervalMs = heartbeat_seconds * 1000;
    if ('error' in answer) {
      if (isLost(answer.error)) this.#lose(false);
    } else if (answer.cancel) this.#lose(true);
  }

  get #reportMs(): number {
    const age = this.#clock.now() - this.#beganAt;
    return Math.min(Math.max(REPORT_MS, age / REPORTS_PER_RUN), LONGEST_REPORT_MS);
  }

  /** Sends a heartbeat after `ms`, unless one comes earlier. */
  #beatWithin(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#isReleased || at >= this.#nextBeat) return;
    this.#nextBeat = at;
    this.#sleeping?.abort();
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    void this.#clock.sleep(ms, sleeping.signal).then(() => {
      if (!sleeping.signal.aborted) void this.#beat();
    });
  }

  async #beat(): Promise<void> {
    this.#nextBeat = Number.POSITIVE_INFINITY;
    this.#sleeping = undefined;
    const progress = this.#takeNews();
    this.accept(await this.#sender.heartbeat(this.#task.lease_id, progress).catch((error: unknown) => ({ error })));
    this.#beatWithin(this.#hasNews ? this.#reportMs : this.#intervalMs);
  }

  /** What was reported since the last heartbeat. */
  #takeNews(): TaskProgress | undefined {
    const news = this.#hasNews ? { ...this.#progress, ...(this.#preview && { preview: this.#preview }) } : undefined;
    this.#hasNews = false;
    this.#preview = undefined;
    return news;
  }

  #lose(isCanceled: boolean): void {
    this.release();
    this.#lost.abort(new LeaseLostError(isCanceled));
  }
}
