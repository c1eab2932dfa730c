import { HeuristError, type TaskProgress } from '@heurist/core';
import type { HeldTask, Sequencer } from './sequencer-client.ts';

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

/** Keeps a lease alive until it is let go. */
export interface LeaseKeeper {
  /** Fires with a {@link LeaseLostError} when the task was canceled or handed to another miner. */
  readonly signal: AbortSignal;
  /** Goes up with the next heartbeat, which comes soon. What is left out stays as it was. */
  report(progress: Partial<TaskProgress>): void;
  release(): void;
}

/** Progress goes up at most this often. */
const REPORT_MS = 250;

/** Starts the heartbeats of a task. A heartbeat that does not get through is tried again; the sequencer decides. */
export function keepLease(sequencer: Sequencer, { lease_id, heartbeat_seconds }: HeldTask): LeaseKeeper {
  const lost = new AbortController();
  let state: TaskProgress = { percent: 0 };
  let preview: string | undefined;
  let hasNews = false;
  let timer: NodeJS.Timeout | undefined;
  let nextBeat = Number.POSITIVE_INFINITY;
  let isBeating = false;
  let isReleased = false;

  function schedule(ms: number) {
    if (isReleased || isBeating || Date.now() + ms >= nextBeat) return;
    clearTimeout(timer);
    nextBeat = Date.now() + ms;
    timer = setTimeout(beat, ms);
  }

  async function beat() {
    nextBeat = Number.POSITIVE_INFINITY;
    isBeating = true;
    const progress = hasNews ? { ...state, ...(preview && { preview }) } : undefined;
    hasNews = false;
    preview = undefined;
    try {
      const { cancel } = await sequencer.heartbeat(lease_id, progress);
      if (cancel) lose(true);
    } catch (error) {
      if (isLost(error)) lose(false);
    }
    isBeating = false;
    schedule(hasNews ? REPORT_MS : heartbeat_seconds * 1000);
  }

  function lose(isCanceled: boolean) {
    release();
    lost.abort(new LeaseLostError(isCanceled));
  }

  function release() {
    isReleased = true;
    clearTimeout(timer);
  }

  schedule(heartbeat_seconds * 1000);
  return {
    signal: lost.signal,
    report({ preview: newPreview = preview, ...progress }) {
      state = { ...state, ...progress };
      preview = newPreview;
      hasNews = true;
      schedule(REPORT_MS);
    },
    release,
  };
}
