/** Caches one value for a while: callers within that time share one load. */
export class TtlCache<T> {
  readonly #load: () => Promise<T>;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #share: number;
  #cached: { value: Promise<T>; at: number; ttlMs: number } | undefined;

  /**
   * @param load - reads the value; a load that fails is not cached
   * @param ttlMs - how long a value is served, in milliseconds
   * @param now - the time in milliseconds. Default: the real time
   * @param share - the part of the time that loads may take, at most: a value that took long is served for longer. Default: all of it
   */
  constructor(load: () => Promise<T>, ttlMs: number, now: () => number = Date.now, share = 1) {
    this.#load = load;
    this.#ttlMs = ttlMs;
    this.#now = now;
    this.#share = share;
  }

  async get(): Promise<T> {
    const age = this.#now() - (this.#cached?.at ?? 0);
    // a value of the future is of before the clock was set back
    if (!this.#cached || age < 0 || age > this.#cached.ttlMs) {
      const cached = { at: this.#now(), value: this.#load(), ttlMs: this.#ttlMs };
      cached.value.then(
        () => {
          cached.ttlMs = Math.max(this.#ttlMs, (this.#now() - cached.at) / this.#share);
        },
        () => {
          if (this.#cached === cached) this.clear();
        },
      );
      this.#cached = cached;
    }
    return await this.#cached.value;
  }

  /** Drops the value: it is known to have changed. */
  clear(): void {
    this.#cached = undefined;
  }
}
