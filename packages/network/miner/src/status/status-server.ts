import { createServer } from 'node:http';
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
  const server = createServer(({ url = '', method }, response) => {
    const send = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    const [path] = url.split('?');
    if (method !== 'GET' && method !== 'HEAD') return void send(405, 'text/plain', 'Use GET.\n');
    if (path === '/metrics') return void send(200, 'text/plain; version=0.0.4; charset=utf-8', toMetrics(miners()));
    if (path !== '/healthz') return void send(404, 'text/plain', 'Try /healthz or /metrics.\n');
    const reports = miners();
    send(reports.some(isUp) ? 200 : 503, 'application/json', `${JSON.stringify({ miners: reports })}\n`);
  });
  return {
    url: await listen(server, port, host),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isUp = ({ state }: MinerReport) => state === 'idle' || state === 'busy' || state === 'stopping';
