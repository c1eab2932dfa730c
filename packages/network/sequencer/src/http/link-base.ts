import type { IncomingMessage } from 'node:http';
import { HeuristError } from '@heurist/core';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import type { Context } from 'hono';
import type { Remote } from '../access/addresses/forwarded.ts';
import type { SequencerServices } from './services.ts';

/** Where a caller is. An app without a server of ours has no connection to look at. */
export function remoteOf(c: Context): Remote {
  const incoming: IncomingMessage | undefined = c.env?.incoming;
  return {
    address: incoming?.socket?.remoteAddress,
    forwardedFor: c.req.header('x-forwarded-for'),
    forwarded: c.req.header('forwarded'),
    proto: c.req.header('x-forwarded-proto'),
    host: c.req.header('x-forwarded-host'),
    prefix: c.req.header('x-forwarded-prefix'),
  };
}

/** What links in responses to this caller begin with: the public address, or the one that the caller used. Ends with a slash. */
export function linkBaseOf(c: Context, { publicUrl, addresses }: Pick<SequencerServices, 'publicUrl' | 'addresses'>) {
  if (publicUrl !== undefined) return publicUrl;
  const { protocol, host } = new URL(c.req.url);
  const asked = addresses.asked(remoteOf(c));
  return `${asked.proto ?? protocol.slice(0, -1)}://${asked.host ?? host}${asked.prefix ?? ''}/`;
}

/**
 * The public address, with a slash at its end.
 *
 * @throws {HeuristError} `invalid_configuration` for what links cannot begin with
 */
export function readPublicUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(text);
  const isBare = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (isBare && decoded(url.pathname) !== undefined) return url.href.replace(/\/*$/, '/');
  throw new HeuristError(
    `"${hideCredentials(text)}" cannot be the public URL: use one such as https://tasks.example.com/heurist, without a user name, a query and a fragment, and with a path in UTF-8.`,
    { code: 'invalid_configuration' },
  );
}

/** The path of the public address, such as `/heurist`: proxies may leave it in requests, or take it away. */
export function prefixOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
}

/** As paths of requests are read; `undefined` for what no request can have. */
function decoded(path: string): string | undefined {
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

/** A file, as {@link prefixOf} may begin its path too: `/artifacts` with a proxy that takes it away. */
const FILE = /^\/artifacts\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A path as the routes know it. */
export function withoutPrefix(path: string, prefix: string): string {
  if (!prefix || FILE.test(path)) return path;
  const plain = decoded(prefix) ?? prefix;
  if (path === plain) return '/';
  return path.startsWith(`${plain}/`) ? path.slice(plain.length) : path;
}
