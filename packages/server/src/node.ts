// Adapter for servers that are not built on Fetch: Express, Connect, Fastify, node:http.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Handler } from './create-handler.ts';
import { refusal } from './refusal.ts';

/** What Express adds to a request. */
type Incoming = IncomingMessage & { originalUrl?: string; body?: unknown };

/** A listener of node:http, which is also a handler of Express. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void) => void;

/**
 * Makes a handler of `createHandler` one of Express, Connect or node:http. `express.json()` may run before it.
 *
 * ```ts
 * app.use('/api/heurist', toNodeHandler(createHandler({ authorize })));
 * ```
 *
 * Errors go to `next`; without one, they are answered with 500.
 */
export function toNodeHandler(handler: Handler): NodeHandler {
  return (request, response, next) => {
    answer(handler, request, response).catch((error: unknown) => {
      if (response.destroyed || response.writableEnded) return;
      if (response.headersSent) response.destroy();
      else if (next) next(error);
      else response.writeHead(500).end();
    });
  };
}

async function answer(handler: Handler, incoming: Incoming, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  // also after the last byte, when nothing listens any more
  outgoing.on('close', () => gone.abort());
  const request = toRequest(incoming, gone.signal);
  const { status, headers, body } = request
    ? await handler(request)
    : refusal('invalid_request', 'The method, the path or the host of the request is not valid.');
  outgoing.writeHead(status, Object.fromEntries(headers));
  if (!body) return void outgoing.end();
  outgoing.flushHeaders();
  await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing);
}

/** `undefined` for what Fetch does not have, such as TRACE: whoever asks for it is no page, and no fault of the app. */
function toRequest(incoming: Incoming, signal: AbortSignal): Request | undefined {
  const { method = 'GET', headers: given, originalUrl, url = '/' } = incoming;
  const isSecure = 'encrypted' in incoming.socket;
  const host = given.host ?? 'localhost';
  const headers = new Headers();
  for (const [name, value] of Object.entries(given))
    for (const each of [value ?? []].flat()) headers.append(name, each);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init = { method, headers, signal, ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }) };
  const address = addressOf(originalUrl ?? url, `${isSecure ? 'https' : 'http'}://${host}`);
  try {
    return new Request(address, init as RequestInit);
  } catch {
    return undefined;
  }
}

/** A path that begins with two slashes names no other host. */
function addressOf(path: string, origin: string): string {
  return path.startsWith('/') || !URL.canParse(path) ? origin + path.replace(/^(?!\/)/, '/') : path;
}

/** A parser that ran before has taken the bytes, and left what they say. */
function bodyOf(incoming: Incoming): NodeReadableStream | string {
  const { body } = incoming;
  return incoming.readableEnded && body !== undefined ? JSON.stringify(body) : Readable.toWeb(incoming);
}
