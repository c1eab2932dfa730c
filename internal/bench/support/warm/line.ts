import type { SimulatedLine } from './policies.ts';

/** Tasks of one model that wait, the oldest first. */
export class Line {
  readonly id: string;
  readonly #arrivals: number[] = [];
  #first = 0;
  #servedAt = 0;
  passed_since: number | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get count(): number {
    return this.#arrivals.length - this.#first;
  }

  /** When those that wait arrived. */
  get rest(): readonly number[] {
    return this.#arrivals.slice(this.#first);
  }

  add(at: number): void {
    this.#arrivals.push(at);
  }

  /** Takes the first task. Returns when it arrived. */
  take(now: number): number {
    this.#servedAt = now;
    return this.#arrivals[this.#first++]!;
  }

  /** The line as a sequencer sees it. */
  view(): SimulatedLine {
    const { id, count, passed_since } = this;
    const arrivedAt = (place: number) => this.#arrivals[this.#first + place]!;
    const since = Math.max(arrivedAt(0), this.#servedAt);
    return { id, workflow_id: id, model_key: id, count, since, passed_since, arrivedAt };
  }
}
