import type { Clock } from '@heurist/server-kit/clock';

/** Node classes that read something into memory: `CheckpointLoaderSimple`, `UNETLoader`, `LoadImage`. */
const LOADS = /load/i;

/** Measures how much of a run goes into getting ready: fetching inputs, and nodes that load models or files. */
export class LoadTimer {
  readonly #clock: Pick<Clock, 'now'>;
  #since: number | undefined;
  #ms = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Something is being fetched or loaded from now on. Several at once count once. */
  begin(): void {
    this.#since ??= this.#clock.now();
  }

  /** Nothing is: the graph is queued, computes or has ended. */
  pause(): void {
    if (this.#since === undefined) return;
    this.#ms += this.#clock.now() - this.#since;
    this.#since = undefined;
  }

  /** A node of this class runs now. */
  enter(node_class: string): void {
    if (LOADS.test(node_class)) this.begin();
    else this.pause();
  }

  get seconds(): number {
    return this.#ms / 1000;
  }
}
