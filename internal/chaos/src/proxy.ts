import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

/** What a network does to calls. */
export type NetworkFault = 'lose replies' | 'duplicate calls' | 'delay calls';

/** So many calls are hit while a fault lasts. */
const SHARE = 0.5;
const LONGEST_DELAY_MS = 4000;

/** Stands in front of a server as the network does, and does what networks do. */
export async function startProxy(target: string, random: Random) {
  let fault: NetworkFault | undefined;

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const hit = fault && random() < SHARE ? fault : undefined;
    if (hit === 'delay calls') await sleep(random() * LONGEST_DELAY_MS);
    if (hit === 'duplicate calls') await drain(await send(incoming, body));
    const reply = await send(incoming, body);
    if (hit === 'lose replies') {
      await drain(reply);
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
    reply.on('error', () => outgoing.destroy());
    outgoing.on('close', () => reply.destroy());
  }

  function send(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { method, headers, url } = incoming;
    return new Promise((resolve, reject) => {
      const sent = request(new URL(url ?? '', target), { method, headers }, resolve);
      sent.on('error', reject);
      sent.end(body);
      // whoever has gone waits no more
      incoming.socket.once('close', () => sent.destroy());
    });
  }

  const server = createServer((incoming, outgoing) => {
    incoming.socket.setMaxListeners(0);
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on, until told otherwise. */
    set(next: NetworkFault | undefined) {
      fault = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FaultyNetwork = Awaited<ReturnType<typeof startProxy>>;

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A stream of events would never end: what it has said in a second is enough. */
async function drain(reply: IncomingMessage): Promise<void> {
  await Promise.race([readAll(reply).catch(() => {}), sleep(1000, undefined, { ref: false })]);
  reply.destroy();
}
