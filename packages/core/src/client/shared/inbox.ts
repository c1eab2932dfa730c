import type { Clock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';

/** Holds items until they are read. */
export interface Inbox<Item> {
  put(item: Item): void;
  /** Ends the wait for the next item: something else has changed. */
  wake(): void;
  /** The next item, or `undefined` after `ms` milliseconds or on abort. */
  next(ms: number): Promise<Item | undefined>;
}

export function createInbox<Item>(signal: AbortSignal, clock: Clock): Inbox<Item> {
  const items: Item[] = [];
  const arrival = new Wakeup();
  signal.addEventListener('abort', () => arrival.wake(), { once: true });

  return {
    put(item: Item): void {
      items.push(item);
      arrival.wake();
    },
    wake: () => arrival.wake(),
    async next(ms: number): Promise<Item | undefined> {
      if (!items.length && !signal.aborted) await clock.sleep(ms, arrival.signal);
      return items.shift();
    },
  };
}
