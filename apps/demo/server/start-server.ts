import type { AddressInfo } from 'node:net';
import { HeuristError } from '@heurist/core';
import { createAdaptorServer } from '@hono/node-server';
import { type AppOptions, createApp } from './app.ts';

/** A running server of the page. */
export interface DemoServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the page.
 *
 * @throws {HeuristError} `invalid_configuration` when the port is taken
 */
export async function startServer(
  options: Omit<AppOptions, 'closing'>,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<DemoServer> {
  const closing = new AbortController();
  const server = createAdaptorServer({ fetch: createApp({ ...options, closing: closing.signal }).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? 'localhost' : host}:${taken}`,
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new HeuristError(`Port ${port} is taken. Set PORT to another one, or to 0 for any free one.`, {
    code: 'invalid_configuration',
    cause: error,
  });
}
