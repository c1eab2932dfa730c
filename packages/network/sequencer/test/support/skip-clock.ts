import { type Clock, systemClock } from '@heurist/server-kit/clock';

/** The real clock, which tests can set forward: for servers whose sockets and databases live in real time. */
export class SkipClock implements Clock {
  #offsetMs = 0;
  readonly sleep = systemClock.sleep;

  now(): number {
    return systemClock.now() + this.#offsetMs;
  }

  /** Sets the clock forward. Sleeps do not end sooner. */
  skip(ms: number): void {
    this.#offsetMs += ms;
  }
}
