import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MinerStatus, toMetrics } from './miner-status.ts';

/** A server that tells how miners are. */
export interface StatusServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (200 while some miner claims or works, else 503; what each one does as JSON) and `/metrics` for Prometheus.
 * There is no key: what it tells is neither a prompt nor a secret, but bind it to this machine or a closed network.
 *
 * @param miners - asked at each request
 */
export async function serveStatus(
  miners: () => MinerStatus[],
  { port, host = '127.0.0.1' }: { port: number; host?: string },
): Promise<StatusServer> {
  const server = createServer(({ url = '', method }, response) => {
    const send = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    const [path] = url.split('?');
    if (method !== 'GET' && method !== 'HEAD') return void send(405, 'text/plain', 'GET only\n');
    if (path === '/metrics') return void send(200, 'text/plain; version=0.0.4; charset=utf-8', toMetrics(miners()));
    if (path !== '/healthz') return void send(404, 'text/plain', '/healthz and /metrics\n');
    const now = miners();
    send(now.some(isUp) ? 200 : 503, 'application/json', `${JSON.stringify({ miners: now })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isUp = ({ state }: MinerStatus) => state === 'idle' || state === 'busy' || state === 'stopping';
