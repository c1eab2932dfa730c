import type { Clock } from '@heurist/server-kit/clock';

interface LaneOptions {
  /** Calls at the same time. */
  most: number;
  /** A call that takes longer, in milliseconds, no longer counts: one that hangs holds up nobody. */
  longMs: number;
  /** Calls at the same time if the other side is far away. Default: as near by. */
  mostFar?: number;
  clock: Clock;
}

/** One more call at the same time for each so many milliseconds that a call takes at least. */
const NEAR_MS = 25;
/** Calls after which the fastest one says something. */
const WARM = 20;

/** Makes few calls at a time. */
export interface Lane {
  /** Makes one call. An abort ends the wait for a turn; the call itself must heed the signal. */
  <T>(call: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T>;
  /** Whether a call would have to wait for its turn now. */
  isFull(): boolean;
}

/** Makes few calls at a time, in order. Each call at the same time as others costs a connection. */
export function createLane({ most, longMs, mostFar = most, clock }: LaneOptions): Lane {
  const queue = new Set<() => void>();
  let running = 0;
  /** The fastest call so far: about as far away is the other side. */
  let fastestMs = Number.POSITIVE_INFINITY;
  let ended = 0;

  /** Who is far away would wait long for many calls that are made two at a time. The first calls are slow by themselves. */
  function width(): number {
    return ended < WARM ? most : Math.max(most, Math.min(mostFar, Math.ceil(fastestMs / NEAR_MS)));
  }

  function next(): void {
    for (const begin of queue) {
      if (running >= width()) return;
      queue.delete(begin);
      running++;
      begin();
    }
  }

  async function leaveWhenOver(over: AbortSignal): Promise<void> {
    await clock.sleep(longMs, over);
    // the connection is free a moment after its reply was read
    if (over.aborted) await clock.sleep(0);
    running--;
    next();
  }

  async function take<T>(call: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T> {
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        queue.delete(begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      queue.add(begin);
      next();
    });
    const over = new AbortController();
    void leaveWhenOver(over.signal);
    const start = clock.now();
    try {
      const result = await call();
      fastestMs = Math.min(fastestMs, clock.now() - start);
      ended++;
      return result;
    } finally {
      over.abort('over');
    }
  }
  return Object.assign(take, { isFull: () => queue.size > 0 || running >= width() });
}
