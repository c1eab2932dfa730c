import type { Context, Next } from 'hono';
import { HTTPException } from 'hono/http-exception';

/**
 * Middleware: refuses state-changing requests that a page of another site makes with the cookies of its visitor. Programs send neither
 * header, and have no cookies.
 *
 * @param names - further names of this server
 */
export function requireOwnSite(names: readonly string[]) {
  return async (c: Context, next: Next): Promise<void> => {
    const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);
    if (!isRead && !isOwnSite(c, names)) throw new HTTPException(403);
    await next();
  };
}

function isOwnSite(c: Context, names: readonly string[]): boolean {
  const origin = c.req.header('origin');
  if (origin === undefined) return ['same-origin', 'none'].includes(c.req.header('sec-fetch-site') ?? 'none');
  const url = URL.parse(origin);
  // a proxy may speak HTTPS for us, and pass on another host
  return url !== null && (url.host === c.req.header('host') || names.includes(url.hostname));
}
