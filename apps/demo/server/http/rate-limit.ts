import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import type { ApiError } from '../../shared/api.ts';

/** Refuses more than `limit` calls per window from one address; `Retry-After` says when to try again. */
export function limitRate(limit: number, windowMs: number) {
  return rateLimiter({
    windowMs,
    limit,
    keyGenerator: (c: Context) => getConnInfo(c).remote.address ?? '',
    handler: (c) => {
      const message = `Too many requests: at most ${limit} every ${windowMs / 1000} seconds. Wait a moment, then try again.`;
      return c.json({ code: 'rate_limited', message } satisfies ApiError, 429);
    },
  });
}
