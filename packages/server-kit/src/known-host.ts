import { isIP } from 'node:net';
import { isHealthPath } from './health-check.ts';

/** What this needs of a request that is being answered: a context of Hono has it. */
interface Asking {
  readonly req: { readonly path: string; readonly url: string; header(name: string): string | undefined };
}

/**
 * Whether a `Host` header names this server. A page on the internet can point a name of its own at this machine (DNS rebinding), and
 * would then be of the same origin as the server; it cannot do that with an address or a name of this machine.
 *
 * @param names - further names of the server
 */
export function isKnownHost(host: string | undefined, names: readonly string[] = []): boolean {
  // only browsers can be misled, and they always send it
  if (host === undefined) return true;
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (isIP(name.replace(/^\[|\]$/g, ''))) return true;
  return /^([\w-]+\.)*localhost$/.test(name) || names.some((known) => known.toLowerCase() === name);
}

/**
 * Middleware: refuses requests to other names. Health checks are answered under any.
 *
 * @param refuse - what is answered
 */
export function requireKnownHost(names: readonly string[], refuse: (host: string) => Response) {
  return async (c: Asking, next: () => Promise<void>): Promise<Response | undefined> => {
    // a request line with a whole URL names the server a second time
    const hosts = [c.req.header('host'), URL.parse(c.req.url)?.host];
    const unknown = hosts.find((host) => !isKnownHost(host, names));
    if (!isHealthPath(c.req.path) && unknown !== undefined) return refuse(unknown);
    await next();
    return undefined;
  };
}
