import type { Context } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import type { ApiError } from '../../shared/api.ts';
import type { Proxies } from '../visitors/proxies.ts';
import type { Visitor } from '../visitors/visitor.ts';

/** Refuses more than `limit` calls per window of one visitor, or of one address; `Retry-After` says when to try again. */
export function limitRate(limit: number, windowMs: number, proxies: Proxies) {
  return rateLimiter({
    windowMs,
    limit,
    keyGenerator: (c: Context) => {
      const { id } = (c.get('visitor') as Visitor | undefined) ?? {};
      return id === undefined ? `address ${proxies.callerOf(c)}` : `visitor ${id}`;
    },
    handler: (c) => {
      const message = `Too many requests: at most ${limit} every ${windowMs / 1000} seconds. Wait a moment, then try again.`;
      return c.json({ code: 'rate_limited', message } satisfies ApiError, 429);
    },
  });
}
