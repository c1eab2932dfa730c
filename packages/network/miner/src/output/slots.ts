/** Work of which only so much may go on at a time. */
export class Slots {
  readonly #max: number;
  readonly #pending = new Set<Promise<void>>();

  constructor(max: number) {
    this.#max = max;
  }

  /** How many are taken now. */
  get taken(): number {
    return this.#pending.size;
  }

  /** Waits for a free slot, and starts the work in it. Does not wait for the work, which must not reject. */
  async take(work: () => Promise<void>): Promise<void> {
    while (this.#pending.size >= this.#max) await Promise.race(this.#pending);
    const pending: Promise<void> = work().finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }

  /** Resolves when all work has ended. */
  async drain(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
