import type { Stop } from './stop.ts';

/**
 * Waits, or stops waiting when the signal fires. It never rejects: check `signal.aborted` afterwards.
 *
 * @param ms - milliseconds; a time that is over already is no wait
 */
export function sleep(ms: number, signal?: Stop): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    // Node warns of negative times on stderr; a delay that is longer than it supports would be none
    const timer = setTimeout(end, Math.min(Math.max(0, ms), 2 ** 31 - 1));
    signal?.addEventListener('abort', end);
  });
}
