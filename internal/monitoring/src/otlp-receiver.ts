import { createServer } from 'node:http';
import { listen } from '@heurist/server-kit/listen';

interface Batch {
  resourceSpans?: { scopeSpans?: { spans?: { name: string }[] }[] }[];
}

/** Takes traces as a collector does, in OTLP over HTTP as JSON. */
export async function startOtlpReceiver() {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const url = await listen(server, 0, '127.0.0.1');
  return {
    url: `${url}/v1/traces`,
    /** What has arrived, as it came. */
    bodies,
    get names(): string[] {
      const batches = bodies.map((body) => JSON.parse(body) as Batch);
      return batches.flatMap(({ resourceSpans = [] }) =>
        resourceSpans.flatMap(({ scopeSpans = [] }) =>
          scopeSpans.flatMap(({ spans = [] }) => spans.map(({ name }) => name)),
        ),
      );
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
