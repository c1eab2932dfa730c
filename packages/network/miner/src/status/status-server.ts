import { createServer, type IncomingHttpHeaders } from 'node:http';
import { ADMIT_BARE, isHealthPath } from '@heurist/server-kit/health-check';
import { isKnownHost } from '@heurist/server-kit/known-host';
import { listen } from '@heurist/server-kit/listen';
import { toMetrics } from './metrics.ts';
import type { MinerReport } from './miner-report.ts';

/** A server for health checks and metrics. */
export interface StatusServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (200 if at least one miner claims or works, else 503; the reports as JSON) and `/metrics` for Prometheus.
 * There is no key: neither prompts nor secrets are shown, but listen only on this machine or on a closed network.
 *
 * @param miners - called for each request
 * @throws if the port is in use
 */
export async function serveStatus(
  miners: () => MinerReport[],
  { port, host = '127.0.0.1' }: { port: number; host?: string },
): Promise<StatusServer> {
  // elsewhere it is found by names that only the operator knows
  const isOpen = !/^(localhost$|127\.|\[?::1\]?$)/.test(host);
  const server = createServer(ADMIT_BARE, async ({ url = '', method, headers, httpVersion }, response) => {
    const path = url.split('?')[0] ?? '';
    const refusal = isHealthPath(path) ? undefined : refuse(headers, httpVersion, isOpen);
    const [status, type, body] = refusal ?? (await answer(method, path, miners));
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  });
  return {
    url: await listen(server, port, host),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = [status: number, type: string, body: string];

function refuse({ host }: IncomingHttpHeaders, version: string, isOpen: boolean): Answer | undefined {
  if (host === undefined && version !== '1.0') return [400, 'text/plain', 'Send a Host header.\n'];
  if (isOpen || isKnownHost(host)) return undefined;
  return [403, 'text/plain', 'Use the address of this machine, not a name.\n'];
}

async function answer(
  method: string | undefined,
  path: string | undefined,
  miners: () => MinerReport[],
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'text/plain', 'Use GET.\n'];
  if (path !== '/metrics' && path !== '/healthz') return [404, 'text/plain', 'Try /healthz or /metrics.\n'];
  try {
    const reports = miners();
    if (path === '/metrics') return [200, 'text/plain; version=0.0.4; charset=utf-8', await toMetrics(reports)];
    return [reports.some(isUp) ? 200 : 503, 'application/json', `${JSON.stringify({ miners: reports })}\n`];
  } catch {
    // thrown here, it would end the process, and the tasks of its miners
    return [500, 'text/plain', 'The report failed.\n'];
  }
}

const isUp = ({ state }: MinerReport) => state === 'idle' || state === 'busy' || state === 'stopping';
