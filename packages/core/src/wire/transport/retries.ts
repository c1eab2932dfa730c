import type { KyInstance } from 'ky';
import { ky } from '../ky.ts';

/** Limits of the waits between retries, in milliseconds. */
export interface RetryLimits {
  /** Longest wait. Waits double from 300 ms and are shortened at random by up to half. */
  backoffLimit: number;
  /** Longest wait that a server may ask for with `Retry-After`. */
  maxRetryAfter: number;
}

/** Those that pass, also if a gateway sends them; 520 to 530 are Cloudflare's. */
export const TEMPORARY = [408, 425, 429, ...Array.from({ length: 31 }, (_, index) => 500 + index)];

export const RETRY_LIMITS: RetryLimits = { backoffLimit: 5000, maxRetryAfter: 60_000 };
/** Capped before the jitter, so that clients do not come in step. */
export const retryDelay = (attempt: number, { backoffLimit }: Pick<RetryLimits, 'backoffLimit'>): number =>
  Math.min(300 * 2 ** (attempt - 1), backoffLimit);
export const withJitter = (delay: number): number => delay * (0.5 + Math.random() / 2);

/** The HTTP client, which retries. */
export function createClient(baseUrl: string, { backoffLimit, maxRetryAfter }: RetryLimits): KyInstance {
  // every call is safe to retry: a submit carries its job_id, and the sequencer replays the response
  return ky.create({
    baseUrl,
    retry: {
      methods: ['post', 'put'],
      statusCodes: TEMPORARY,
      afterStatusCodes: TEMPORARY,
      backoffLimit,
      maxRetryAfter,
      delay: (attempt) => retryDelay(attempt, { backoffLimit }),
      jitter: withJitter,
      retryOnTimeout: true,
    },
  });
}

/**
 * What a fetch throws for a request that it cannot make. Only Node and browsers throw a TypeError, which the HTTP client knows by its
 * words, for a lost connection too: Bun, Workers and other clients have errors of their own.
 */
export const isMistake = (error: unknown) => error instanceof TypeError && !('code' in error);
