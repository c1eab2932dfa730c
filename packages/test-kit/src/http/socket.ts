import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { drained } from '@heurist/server-kit/drained';
import { listen } from '@heurist/server-kit/listen';
import type { IncomingCall, Outcome } from './reply.ts';

export type Handle = (call: IncomingCall) => Promise<Outcome>;

/** A listener on 127.0.0.1 that can be taken down and put up again at the same port. */
export interface Listener {
  url: string;
  /** New connections are refused, and open ones are cut. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startListener(handle: Handle): Promise<Listener> {
  const server = createServer((request, response) => {
    void answer(request, response, handle).catch(() => response.socket?.destroy());
  });
  const url = await listen(server, 0, '127.0.0.1');
  return {
    url,
    async down() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async up() {
      if (!server.listening) await listen(server, Number(new URL(url).port), '127.0.0.1');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, handle: Handle): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const outcome = await handle({ ...(await readCall(request)), signal: gone.signal });
  if (outcome === 'hang') return;
  if (outcome === 'reset') response.socket?.resetAndDestroy();
  else await send(response, outcome, gone.signal);
}

async function readCall(request: IncomingMessage): Promise<Omit<IncomingCall, 'signal'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? 'GET',
    url,
    headers: Object.fromEntries(headers),
    bytes: new Uint8Array(Buffer.concat(chunks)),
  };
}

async function send(
  response: ServerResponse,
  { status, headers, body, isCut }: Exclude<Outcome, string>,
  gone: AbortSignal,
): Promise<void> {
  response.writeHead(status, headers);
  response.flushHeaders();
  if (typeof body === 'string' || body instanceof Uint8Array) response.write(body);
  else
    for await (const chunk of body) {
      if (gone.aborted) return;
      if (!response.write(chunk)) await drained(response);
    }
  if (!isCut) response.end();
  // what was written is on its way first
  else response.write('', () => response.socket?.destroySoon());
}
