import type { Clock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';

/** Holds items until they are read. */
export class Inbox<Item> {
  readonly #items: Item[] = [];
  readonly #arrival = new Wakeup();
  readonly #signal: AbortSignal;
  readonly #clock: Clock;

  constructor(signal: AbortSignal, clock: Clock) {
    this.#signal = signal;
    this.#clock = clock;
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  put(item: Item): void {
    this.#items.push(item);
    this.wake();
  }

  /** Ends the wait for the next item: something else has changed. */
  wake(): void {
    this.#arrival.wake();
  }

  /** The next item, or `undefined` after `ms` milliseconds or on abort. */
  async next(ms: number): Promise<Item | undefined> {
    if (!this.#items.length && !this.#signal.aborted) await this.#clock.sleep(ms, this.#arrival.signal);
    return this.#items.shift();
  }
}
