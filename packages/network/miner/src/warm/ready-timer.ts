import type { Clock } from '@heurist/server-kit/clock';
import { LoadTimer } from '../status/load-timer.ts';

/** They read what a consumer gave, whatever is in memory. */
const LOADS_INPUT = /load(image|audio|video|latent|mask)/i;

/** Measures how long a graph takes until its first step: a load of its models is part of that. */
export class ReadyTimer {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #loaders: LoadTimer;
  #startedAt: number | undefined;
  #readyAt: number | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#loaders = new LoadTimer(clock);
  }

  /** The ComfyUI begins with the graph. Also when it has to begin anew. */
  start(): void {
    this.#startedAt = this.#clock.now();
    this.#readyAt = undefined;
  }

  /** A node of this class runs now. */
  enter(node_class: string): void {
    if (this.#readyAt !== undefined) return;
    if (LOADS_INPUT.test(node_class)) this.#loaders.pause();
    else this.#loaders.enter(node_class);
  }

  /** A node has made a step. */
  step(): void {
    this.#loaders.pause();
    this.#readyAt ??= this.#clock.now();
  }

  /** The graph has ended. Milliseconds; `undefined` if the ComfyUI did not say when it began. */
  end(): { ready_ms: number; loaders_ms: number } | undefined {
    this.step();
    if (this.#startedAt === undefined) return undefined;
    return { ready_ms: this.#readyAt! - this.#startedAt, loaders_ms: this.#loaders.seconds * 1000 };
  }
}
