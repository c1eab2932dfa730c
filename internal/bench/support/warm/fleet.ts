import type { KeyKnowledge, WarmClaimant } from '@heurist/sequencer/warm-routing';

/** What is known of one miner. */
interface Known {
  keys: string[];
  /** When it is expected to be free; undefined if it is. */
  until: number | undefined;
}

/** What is known of one model, added up over the miners. */
interface Sums {
  holders: number;
  busy: number;
  until: number;
}

/** The mean of what was measured. */
class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get value(): number | undefined {
    return this.#count ? this.#sum / this.#count : undefined;
  }
}

/**
 * What a sequencer knows of its miners, by their claims alone: what they say to hold, what was handed to them, and how long
 * that takes in the mean.
 */
export class Fleet {
  readonly #miners = new Map<number, Known>();
  readonly #sums = new Map<string, Sums>();
  readonly #runs = new Map<string, Mean>();
  readonly #colds = new Map<string, Mean>();

  /** A miner asks for work, and says what it holds. */
  noteClaim(miner: number, { warm = [] }: WarmClaimant): void {
    this.#set(miner, { keys: warm.map(({ key }) => key), until: undefined });
  }

  /** A miner was given a task. */
  noteStart(miner: number, key: string, { warm = [], slots = 1 }: WarmClaimant, now: number): void {
    const isWarm = warm.some((held) => held.key === key);
    const keys = [key, ...warm.map((held) => held.key).filter((held) => held !== key)].slice(0, slots);
    const { run_ms = 0, load_ms = 0 } = this.get(key, now) ?? {};
    this.#set(miner, { keys, until: now + run_ms + (isWarm ? 0 : load_ms) });
  }

  /** A task has ended: cold runs and warm ones tell what a load takes. */
  noteEnd(key: string, isWarm: boolean, ms: number): void {
    const means = isWarm ? this.#runs : this.#colds;
    const mean = means.get(key) ?? new Mean();
    means.set(key, mean);
    mean.add(ms);
  }

  get(key: string, now: number): KeyKnowledge | undefined {
    const sums = this.#sums.get(key);
    const run_ms = this.#runs.get(key)?.value;
    const cold = this.#colds.get(key)?.value;
    const load_ms = run_ms !== undefined && cold !== undefined ? Math.max(0, cold - run_ms) : undefined;
    const busy_ms = sums ? Math.max(0, sums.until - sums.busy * now) : 0;
    return { holders: sums?.holders ?? 0, busy_ms, run_ms, load_ms };
  }

  #set(miner: number, next: Known): void {
    const last = this.#miners.get(miner);
    if (last) this.#count(last, -1);
    this.#count(next, 1);
    this.#miners.set(miner, next);
  }

  #count({ keys, until }: Known, sign: 1 | -1): void {
    for (const key of keys) {
      const sums = this.#sums.get(key) ?? { holders: 0, busy: 0, until: 0 };
      this.#sums.set(key, sums);
      sums.holders += sign;
      if (until === undefined) continue;
      sums.busy += sign;
      sums.until += sign * until;
    }
  }
}
