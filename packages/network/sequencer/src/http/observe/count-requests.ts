import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Counters } from '../../metrics/counters.ts';

/** Middleware that counts each answer. It must come before all others, or what these refuse is not counted. */
export function countRequests(counters: Counters): MiddlewareHandler {
  return async (c, next) => {
    await next();
    counters.countRequest(c.req.method, routeOf(c), c.res.status);
  };
}

/** The route as it is registered: paths hold ids and what strangers make up. Middleware for all paths is not a route. */
export function routeOf(c: Context): string | undefined {
  return matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path;
}
