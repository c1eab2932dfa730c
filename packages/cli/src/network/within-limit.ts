import { HeuristError } from '@heurist/core';

/** For calls with a short answer. Their retries end too: a proxy that drops connections would be tried for minutes. */
export const CALL_LIMIT_MS = 60_000;

/**
 * Runs a call that must end within a time, retries included.
 *
 * @throws {HeuristError} `request_timeout`
 */
export async function withinLimit<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const error = new HeuristError(`No answer within ${ms / 1000} s.`, { code: 'request_timeout' });
  const timer = setTimeout(() => limit.abort(error), ms);
  try {
    return await call(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
