import type { IncomingMessage, Server } from 'node:http';

/** Paths of health checks. They are answered under any name, and without one. */
const PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** Whether a path is that of a health check. */
export const isHealthPath = (path: string): boolean => PATHS.has(path);

/** Options for the server that {@link admitBareChecks} gets: Node itself would refuse what it admits. */
export const ADMIT_BARE = { requireHostHeader: false } as const;

/**
 * Lets load balancers ask for health as they do by default, such as HAProxy by HTTP/1.0 without a `Host`: by a path of health, or
 * by `OPTIONS /`. Such a request is taken as one for `localhost`. All others must name their host, as HTTP/1.1 requires.
 *
 * @param server - made with {@link ADMIT_BARE}
 */
export function admitBareChecks(server: Server): void {
  server.prependListener('request', (incoming: IncomingMessage) => {
    const { host } = incoming.headers;
    if (isHealthCheck(incoming) && (!host || !URL.canParse(`http://${host}`))) incoming.headers.host = 'localhost';
  });
}

function isHealthCheck({ method, url = '' }: IncomingMessage): boolean {
  return isHealthPath(url.split('?')[0]!) || (method === 'OPTIONS' && url === '/');
}
