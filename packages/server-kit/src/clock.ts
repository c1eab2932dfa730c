import { sleep } from './sleep.ts';
import type { Stop } from './stop.ts';

/** Where code takes the time from. Tests pass a clock of their own, so that a limit of minutes is tested in no time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits `ms` milliseconds, or until the signal fires. Never rejects. */
  sleep(ms: number, signal?: Stop): Promise<void>;
}

/** The real time. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** For durations: it does not follow the clock of the system, which may be set. `now` counts from any moment. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep };
