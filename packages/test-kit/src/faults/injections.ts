import type { TestClock } from '../clock.ts';
import type { CallName, Fault, FaultContext } from './fault.ts';
import { FAULT_NAMES, type FaultName, faults, type InjectOptions } from './index.ts';

/** A fault that was injected. */
export interface Injection {
  /** How many calls it has hit. */
  readonly hits: number;
  /** Ends it. Also by `await using`. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Entry {
  fault: Fault;
  name: FaultName;
  calls: readonly string[];
  left: number;
  hits: number;
  options: InjectOptions;
}

/** The faults that a sequencer has now. */
export class Injections {
  #entries: Entry[] = [];
  readonly #clock: TestClock;
  readonly #setDown: (isDown: boolean) => Promise<void>;
  #moving: Promise<void> = Promise.resolve();

  /** @param setDown - stops or goes on listening; called again and again, one call after the other */
  constructor(clock: TestClock, setDown: (isDown: boolean) => Promise<void>) {
    this.#clock = clock;
    this.#setDown = setDown;
  }

  get isDown(): boolean {
    return this.#entries.some(({ fault }) => fault.isDown);
  }

  async inject(name: FaultName, options: InjectOptions = {}): Promise<Injection> {
    const fault = faults[name];
    if (!fault) throw new TypeError(`There is no fault "${name}". The faults: ${FAULT_NAMES.join(', ')}.`);
    const { on = fault.calls, times = Infinity, lasts } = options;
    const calls = typeof on === 'string' ? [on as CallName] : on;
    const entry: Entry = { fault, name, calls, left: times, hits: 0, options };
    this.#entries.unshift(entry);
    await this.#move();
    const stop = () => this.#remove((each) => each === entry);
    if (lasts !== undefined) void this.#clock.sleep(lasts).then(stop);
    return {
      get hits() {
        return entry.hits;
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  }

  async clear(): Promise<void> {
    await this.#remove(() => true);
  }

  /** The fault that hits a call, which counts as a hit. */
  take(
    call: string,
  ):
    | { name: FaultName; happen(context: Omit<FaultContext, 'delay' | 'retryAfter'>): ReturnType<Fault['happen']> }
    | undefined {
    const entry = this.#entries.find(
      ({ calls, left, fault }) => !fault.isDown && left > 0 && (!calls.length || calls.includes(call)),
    );
    if (!entry) return undefined;
    entry.left--;
    entry.hits++;
    const { fault, name, options } = entry;
    const { delay = 5000, retryAfter = 1 } = options;
    return { name, happen: (context) => fault.happen({ ...context, delay, retryAfter }) };
  }

  async #remove(isGone: (entry: Entry) => boolean): Promise<void> {
    this.#entries = this.#entries.filter((entry) => !isGone(entry));
    await this.#move();
  }

  /** A port that closes and opens at the same time would end as either. */
  async #move(): Promise<void> {
    this.#moving = this.#moving.then(() => this.#setDown(this.isDown));
    await this.#moving;
  }
}
