// Taken at import, so that a test runner's fake timers do not stop the server that the test talks to.
const { setTimeout, clearTimeout, setImmediate, performance } = globalThis;
const { now: wallTime } = Date;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Sleeper {
  until: number;
  wake(): void;
}

/** The time of a test sequencer: real time, which a test can move forward. */
export class TestClock {
  readonly #start = wallTime() - performance.now();
  readonly #sleepers = new Set<Sleeper>();
  #ahead = 0;

  /** Milliseconds since 1970, as the sequencer sees them. */
  now(): number {
    return this.#start + performance.now() + this.#ahead;
  }

  /**
   * Moves the time forward. Everything that the sequencer does in this time happens before the promise resolves, in order.
   *
   * @param ms - milliseconds, 0 or more
   * @throws {RangeError} if `ms` is negative or not a number
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`\`ms\` must be 0 or more (got ${ms}): a clock only moves forward.`);
    const end = this.now() + ms;
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#ahead += Math.max(0, next.until - this.now());
      next.wake();
      await settle();
    }
    this.#ahead += Math.max(0, end - this.now());
    await settle();
  }

  /** Waits until the time has passed or the signal fires. Never rejects, and keeps no process running. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { until: this.now() + ms, wake };
      const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS));
      timer.unref?.();
      signal?.addEventListener('abort', wake);
      this.#sleepers.add(sleeper);
    });
  }

  #nextUntil(end: number): Sleeper | undefined {
    return [...this.#sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
  }
}

/** Everything that can run without time passing has run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
