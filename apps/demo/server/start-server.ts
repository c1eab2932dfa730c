import { createServer } from 'node:http';
import { HeuristError } from '@heurist/core';
import { requireReading } from '@heurist/server-kit/answer-rate';
import { requireBodyRate } from '@heurist/server-kit/body-rate';
import { ADMIT_BARE, admitBareChecks } from '@heurist/server-kit/health-check';
import { listen, PortError } from '@heurist/server-kit/listen';
import { getRequestListener } from '@hono/node-server';
import { type AppOptions, createApp } from './app.ts';

/** A running server of the page. */
export interface DemoServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the page.
 *
 * @throws {HeuristError} `invalid_configuration` if the port cannot be used
 */
export async function startServer(
  options: Omit<AppOptions, 'closing'>,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<DemoServer> {
  const closing = new AbortController();
  const server = createServer(ADMIT_BARE, getRequestListener(createApp({ ...options, closing: closing.signal }).fetch));
  admitBareChecks(server);
  requireBodyRate(server);
  requireReading(server);
  const url = await listen(server, port, host).catch((error) => {
    throw explain(error);
  });
  return {
    url: url.replace('//0.0.0.0:', '//localhost:'),
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function explain(error: unknown): unknown {
  if (!(error instanceof PortError)) return error;
  const message = `${error.message} Set it with the environment variables \`PORT\` and \`HOST\`.`;
  return new HeuristError(message, { code: 'invalid_configuration', cause: error });
}
