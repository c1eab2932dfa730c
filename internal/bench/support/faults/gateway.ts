// Speaks the protocol of another service, with the jobs, the files and the faults of a test sequencer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { drained } from '@heurist/server-kit/drained';
import { listen } from '@heurist/server-kit/listen';
import type { TestSequencer } from '@heurist/test-kit';
import { KEY, SECRET } from './given.ts';

/** A request of a client. */
export interface Call {
  method: string;
  /** Path without the query. */
  path: string;
  headers: Headers;
  bytes: Buffer<ArrayBuffer>;
  /** Of the server. */
  origin: string;
  /** Makes a call of the sequencer, which a fault may hit: then it rejects, or never ends, as `fetch` does. */
  ask(name: string, body: object): Promise<Response>;
  /** Sends the bytes of a file, which a fault may hit. */
  put(url: string, bytes: Blob): Promise<Response>;
  get(url: string): Promise<Response>;
}

/** How a service answers a call. */
export type Protocol = (call: Call) => Promise<Response>;

export interface Gateway {
  url: string;
  /** Whether the key arrived where a redirect to another origin led. */
  hasLeak: boolean;
  down(): Promise<void>;
  up(): Promise<void>;
  /** For good. */
  close(): Promise<void>;
}

const ELSEWHERE = '/elsewhere';

/** Starts a service on a free port of 127.0.0.1. */
export async function startGateway(sequencer: TestSequencer, protocol: Protocol): Promise<Gateway> {
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.socket?.resetAndDestroy());
  });
  const url = await listen(server, 0, '127.0.0.1');
  let isClosed = false;
  const gateway: Gateway = {
    url,
    hasLeak: false,
    down: () => takeDown(server),
    async up() {
      if (!isClosed) await listen(server, Number(new URL(url).port), '127.0.0.1');
    },
    async close() {
      isClosed = true;
      await takeDown(server);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const bytes = await buffer(request);
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    let { pathname: path, search } = new URL(request.url ?? '/', url);
    if (path.startsWith(ELSEWHERE)) {
      path = path.slice(ELSEWHERE.length);
      gateway.hasLeak ||= [...headers.values(), bytes.toString('latin1')].some((text) => text.includes(SECRET));
    }
    const { signal } = gone;
    const method = request.method ?? 'GET';
    const call: Call = {
      method,
      path,
      headers,
      bytes: bytes as Buffer<ArrayBuffer>,
      origin: url,
      ask: async (name, body) => redirected(await ask(sequencer, `${url}/${name}`, body, signal), name, path),
      put: (to, file) => sequencer.fetch(to, { method: 'PUT', body: file, signal }),
      get: (from) => sequencer.fetch(from, { signal }),
    };
    const isFile = path.startsWith('/artifacts/');
    const file = () =>
      sequencer.fetch(`${url}${path}${search}`, { method, signal, ...(bytes.length && { body: call.bytes }) });
    await send(response, isFile ? await file() : await protocol(call));
  }
  return gateway;
}

async function takeDown(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function ask(sequencer: TestSequencer, url: string, body: object, signal: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  return await sequencer.fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** A redirect leads to the path that the client knows. */
function redirected(response: Response, name: string, path: string): Response {
  const location = response.headers.get('location');
  if (!location) return response;
  return new Response(response.body, {
    status: response.status,
    headers: { location: location.replace(`/${name}`, path) },
  });
}

async function send(response: ServerResponse, { status, headers, body }: Response): Promise<void> {
  response.writeHead(status, Object.fromEntries(headers));
  response.flushHeaders();
  try {
    for await (const chunk of body ?? []) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
  } catch {
    // what was written is on its way first
    response.write('', () => response.socket?.destroySoon());
  }
}
