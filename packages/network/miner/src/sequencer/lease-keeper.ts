import { HeuristError, type TaskProgress } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { untraced } from '@heurist/server-kit/untraced';
import type { HeldTask, SequencerProtocol } from './sequencer-client.ts';

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

/** Keeps a lease alive by heartbeats, until it is released. A heartbeat that fails is sent again; the sequencer decides. */
export class LeaseKeeper {
  readonly #sequencer: Pick<SequencerProtocol, 'heartbeat'>;
  readonly #task: Pick<HeldTask, 'lease_id' | 'heartbeat_seconds'>;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #progress: TaskProgress = { percent: 0 };
  #preview: string | undefined;
  #hasNews = false;
  /** Ends the sleep before the next heartbeat; `undefined` while one is on its way. */
  #sleeping: AbortController | undefined;
  #nextBeat = Number.POSITIVE_INFINITY;
  #isReleased = false;
  #isAway = false;

  constructor(
    sequencer: Pick<SequencerProtocol, 'heartbeat'>,
    task: Pick<HeldTask, 'lease_id' | 'heartbeat_seconds'>,
    clock: Clock = systemClock,
  ) {
    this.#sequencer = sequencer;
    this.#task = task;
    this.#clock = clock;
    this.#beatWithin(task.heartbeat_seconds * 1000);
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
    if (this.#sleeping) this.#beatWithin(REPORT_MS);
  }

  /** Sends no more heartbeats. */
  release(): void {
    this.#isReleased = true;
    this.#sleeping?.abort();
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
    try {
      const { cancel } = await untraced(() => this.#sequencer.heartbeat(this.#task.lease_id, progress));
      this.#isAway = false;
      if (cancel) this.#lose(true);
    } catch (error) {
      this.#isAway = true;
      if (isLost(error)) this.#lose(false);
    }
    this.#beatWithin(this.#hasNews ? REPORT_MS : this.#task.heartbeat_seconds * 1000);
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
