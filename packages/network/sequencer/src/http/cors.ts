// What web pages of other origins may do here.
import { HeuristError } from '@heurist/core';
import { PAGE_CALLS, PROTOCOL_HEADER } from '@heurist/core/protocol';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { calls } from './document/calls.ts';

/**
 * What a page calls: with a session, or with a key that its user has. Not `session_create`, `session_revoke` and `webhook_secret`:
 * those are for the server of an app.
 */
const CALLS = new Set([...PAGE_CALLS, 'network_status']);
const FILE = /^\/artifacts\/[^/]+$/;
/** Those of miners, operators and the servers of apps: whatever browser sends them, no page should. */
const SERVER_CALLS = new Set([...calls.map(({ name }) => name).filter((name) => !CALLS.has(name)), 'metrics']);

const ALLOWED_HEADERS = ['authorization', 'content-type', 'last-event-id', PROTOCOL_HEADER].join(', ');
const EXPOSED_HEADERS = ['retry-after', PROTOCOL_HEADER].join(', ');
/** How long a browser may keep the answer to a preflight, in seconds. */
const PREFLIGHT_SECONDS = '600';

/**
 * Answers pages of these origins, and no others: preflights too. No cookie is ever accepted, and `*` never goes with a key.
 *
 * @param origins - as `checkOrigins` returns them
 */
export function addCors(app: Hono, origins: ReadonlySet<string>): void {
  app.use(refuseBrowsers);
  app.use(async (c, next) => {
    const { path } = c.req;
    const methods = CALLS.has(path.slice(1)) ? 'POST' : FILE.test(path) ? 'GET, HEAD, PUT' : undefined;
    if (!methods || !origins.size) return await next();
    c.header('vary', 'origin', { append: true });
    const origin = c.req.header('origin');
    if (origin === undefined || !origins.has(origin)) return await next();
    c.header('access-control-allow-origin', origin);
    c.header('access-control-expose-headers', EXPOSED_HEADERS);
    if (!isPreflight(c)) return await next();
    return answerPreflight(c, methods);
  });
}

/** @throws {HeuristError} `forbidden` for what only servers call; browsers say `Origin` with each POST, and no page can leave it out */
const refuseBrowsers: MiddlewareHandler = async (c, next) => {
  const name = c.req.path.slice(1);
  if (SERVER_CALLS.has(name) && c.req.header('origin') !== undefined)
    throw new HeuristError(
      `${name} is not for web pages. Call it from a server, without an Origin header; keys of operators and miners stay there.`,
      { code: 'forbidden' },
    );
  await next();
};

const isPreflight = (c: Context) =>
  c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined;

function answerPreflight(c: Context, methods: string): Response {
  c.header('access-control-allow-methods', methods);
  c.header('access-control-allow-headers', ALLOWED_HEADERS);
  c.header('access-control-max-age', PREFLIGHT_SECONDS);
  return c.body(null, 204);
}

/**
 * Origins as browsers send them.
 *
 * @throws {HeuristError} `invalid_configuration` for anything but an exact http(s) origin
 */
export function checkOrigins(texts: readonly string[]): ReadonlySet<string> {
  for (const text of texts) {
    const url = URL.parse(text);
    if (url && /^https?:$/.test(url.protocol) && url.origin === text && !text.includes('*')) continue;
    const fix = url && /^https?:$/.test(url.protocol) && !text.includes('*') ? url.origin : 'https://app.example.com';
    throw new HeuristError(
      `"${text}" is not an exact origin: use one such as ${fix}, without a path, and list each one; "*" is not possible.`,
      { code: 'invalid_configuration' },
    );
  }
  return new Set(texts);
}
