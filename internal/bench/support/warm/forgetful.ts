import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listen } from '@heurist/server-kit/listen';

/** Stands in front of a sequencer and keeps from it which models miners hold: so they are like miners of the versions before. */
export async function startForgetful(sequencer: string) {
  const server = createServer(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const { warm: _, ...body } = (await json(request)) as { warm?: unknown };
      const { authorization = '' } = request.headers;
      const headers = { 'content-type': 'application/json', authorization };
      const init = { method: 'POST', headers, body: JSON.stringify(body), signal: gone.signal };
      const reply = await fetch(`${sequencer}${request.url}`, init);
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text());
    } catch {
      // the miner takes it for a sequencer that is away
      response.destroy();
    }
  });
  const url = await listen(server, 0, '127.0.0.1');
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
