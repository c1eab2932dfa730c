import type { Clock } from './clock.ts';
import { sleep } from './sleep.ts';

/**
 * A clock for tests that run against real servers: time passes so many times faster than it does, so that limits of seconds
 * are reached in a moment.
 */
export function createFastClock(factor: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * factor,
    sleep: (ms, signal) => sleep(ms / factor, signal),
  };
}
