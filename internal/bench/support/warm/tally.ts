/** What became of the tasks of a simulation, in seconds. Of the shares and waits the first tenth is left out, unless all wait at the start. */
export interface Counts {
  /** Share of tasks whose models were loaded when they started. */
  warm: number;
  /** Tasks that finished, a second, from the start until the last one arrived, or ended if all wait at the start. */
  throughput: number;
  /** From arrival until the run itself began, the load included: the mean, and 95 % of the tasks within this. */
  meanWait: number;
  p95Wait: number;
  /** As the p95, without the load: how long tasks were in the queue. */
  p95Queue: number;
  /** How long it all took. */
  seconds: number;
}

/** Counts what became of the tasks. Times are in milliseconds, figures in seconds. */
export class Tally {
  /** Tasks that arrived before are not counted. */
  from = Infinity;
  /** How many have ended, all of them. */
  ends = 0;
  #starts = 0;
  #warmStarts = 0;
  readonly #queues: number[] = [];
  readonly #waits: number[] = [];

  /** A task starts; without `isWarm` it has waited in vain. */
  start(arrived: number, now: number, load_ms: number, isWarm?: boolean): void {
    if (arrived < this.from) return;
    if (isWarm !== undefined) this.#starts++;
    if (isWarm) this.#warmStarts++;
    this.#queues.push(now - arrived);
    this.#waits.push(now - arrived + load_ms);
  }

  end(): void {
    this.ends++;
  }

  figures(now: number): Counts {
    return {
      warm: this.#warmStarts / this.#starts,
      throughput: (this.ends * 1000) / now,
      meanWait: mean(this.#waits) / 1000,
      p95Wait: quantile(this.#waits, 0.95) / 1000,
      p95Queue: quantile(this.#queues, 0.95) / 1000,
      seconds: now / 1000,
    };
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
