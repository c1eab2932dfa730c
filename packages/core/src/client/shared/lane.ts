import type { Clock } from '@heurist/server-kit/clock';

interface LaneOptions {
  /** Calls at the same time. */
  most: number;
  /** A call that takes longer, in milliseconds, no longer counts: one that hangs holds up nobody. */
  longMs: number;
  clock: Clock;
}

/** Makes one call. An abort ends the wait for a turn; the call itself must heed the signal. */
export type Lane = <T>(call: () => Promise<T>, signal?: AbortSignal | undefined) => Promise<T>;

/** Makes few calls at a time, in order. Each call at the same time as others costs a connection. */
export function createLane({ most, longMs, clock }: LaneOptions): Lane {
  const queue = new Set<() => void>();
  let running = 0;

  function next(): void {
    const [begin] = queue;
    if (!begin || running >= most) return;
    queue.delete(begin);
    running++;
    begin();
  }

  async function leaveWhenOver(over: AbortSignal): Promise<void> {
    await clock.sleep(longMs, over);
    // the connection is free a moment after its reply was read
    if (over.aborted) await clock.sleep(0);
    running--;
    next();
  }

  return async (call, signal) => {
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
    try {
      return await call();
    } finally {
      over.abort('over');
    }
  };
}
