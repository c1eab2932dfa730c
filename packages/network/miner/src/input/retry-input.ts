import { Backoff } from '@heurist/server-kit/backoff';
import type { Clock } from '@heurist/server-kit/clock';
import { StatusError } from './request-input.ts';

/** Times that a file is asked for. */
const TRIES = 4;
const DELAYS = { firstMs: 1000, maxMs: 8000 };
/** A host that wants to be left alone for longer is no host of this task: its lease is kept meanwhile, and nothing else is done for it. */
const LONGEST_WAIT_MS = 30_000;

/** Answers that may be others a moment later. */
const PASSING_STATUS = [408, 425, 429, 502, 503, 504];
/** Connections that broke, and names that nobody could resolve now. */
const PASSING_CODE = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'];

/** Tries again what fails for a moment, as late as the host wants it. */
export async function retryInput<T>(tryOnce: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  const backoff = new Backoff(DELAYS);
  for (let left = TRIES - 1; ; left--) {
    try {
      return await tryOnce();
    } catch (error) {
      signal.throwIfAborted();
      if (left === 0 || !isPassing(error)) throw error;
      const ms = Math.max(backoff.next(), retryAfterMs(error));
      if (ms > LONGEST_WAIT_MS) throw error;
      await clock.sleep(ms, signal);
      signal.throwIfAborted();
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof StatusError) return PASSING_STATUS.includes(error.status);
  return PASSING_CODE.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Seconds or a date, as HTTP has it; 0 without one. */
function retryAfterMs(error: unknown): number {
  const text = (error instanceof StatusError && error.retryAfter) || '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return Math.max(Date.parse(text) - Date.now(), 0) || 0;
}
