import type { Server } from 'node:http';
import { HeuristError } from '@heurist/core';
import { requireReading } from '@heurist/server-kit/answer-rate';
import { requireBodyRate } from '@heurist/server-kit/body-rate';
import { ADMIT_BARE, admitBareChecks } from '@heurist/server-kit/health-check';
import { listen, PortError } from '@heurist/server-kit/listen';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Addresses } from '../access/addresses/addresses.ts';
import type { NetworkLimits } from '../access/limits/limits.ts';
import { Traffic } from '../metrics/traffic.ts';

/** Time for requests in flight, uploads included, to end: container runtimes kill ten seconds after they ask. */
const DRAIN_MS = 8000;

/** A server that listens. */
export interface RunningServer {
  /** Its origin, such as `http://127.0.0.1:8787`. */
  address: string;
  /** Stops listening. Resolves when every request has been answered, or its time is over. */
  drain(): Promise<void>;
}

/** @throws {HeuristError} `invalid_configuration` if it cannot listen there */
export async function startServer(
  {
    addresses,
    limits,
    traffic = new Traffic(),
  }: { addresses: Pick<Addresses, 'limitConnections'>; limits: NetworkLimits; traffic?: Traffic },
  app: Hono,
  port: number,
  host: string,
  drainMs = DRAIN_MS,
): Promise<RunningServer> {
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: ADMIT_BARE }) as Server;
  admitBareChecks(server);
  traffic.watch(server);
  requireBodyRate(server, { bytesPerSecond: limits.bodyBytesPerSecond });
  requireReading(server);
  addresses.limitConnections(server);
  const address = await listen(server, port, host).catch((cause) => {
    if (!(cause instanceof PortError)) throw cause;
    throw new HeuristError(cause.message, { code: 'invalid_configuration', cause });
  });
  return {
    address,
    async drain() {
      // a connection that is kept for later calls would hold the server for minutes
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const late = setTimeout(() => server.closeAllConnections(), drainMs);
      await new Promise((resolve) => server.close(resolve));
      clearInterval(idle);
      clearTimeout(late);
    },
  };
}
