import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '@heurist/server-kit/listen';

/** What the stub does with one call: an answer, or a fault. */
export type Answer =
  | 'reset'
  | 'hang'
  | {
      status?: number;
      json?: unknown;
      text?: string;
      headers?: Record<string, string>;
      /** Keeps the reply open after writing `text`. */
      stream?: boolean;
      /** Answers later, unless the connection is gone. */
      delayMs?: number;
      /** Breaks the connection after writing `text`. */
      isCut?: boolean;
    };

/** Answers a call. `count` is 1 for the first of its name. */
export type Script = Record<string, (body: Record<string, unknown>, count: number) => Answer>;

/** A call as it arrived. */
interface Call {
  name: string;
  method: string | undefined;
  headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the client sent
  body: any;
  at: number;
  /** Whether the connection of a stream or a reply is over. */
  isOver: boolean;
}

/** A real HTTP server that plays a sequencer. Calls without a script get 404, as from one that does not know them. */
export async function startStub(script: Script, port = 0) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1);
    const text = await readText(request);
    const body = parse(text);
    const call: Call = { name, method: request.method, headers: request.headers, body, at: Date.now(), isOver: false };
    response.on('close', () => {
      call.isOver = true;
    });
    calls.push(call);
    const count = calls.filter((call) => call.name === name).length;
    const answer = script[name]?.(body as Record<string, unknown>, count) ?? {
      status: 404,
      json: { message: 'unknown' },
    };
    if (typeof answer === 'object' && answer.delayMs)
      await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    send(response, answer);
  });
  const url = await listen(server, port, '127.0.0.1');
  return {
    url,
    calls,
    named: (name: string) => calls.filter((call) => call.name === name),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.destroy();
    return;
  }
  const { status = 200, json, text = JSON.stringify(json), headers, stream, isCut } = answer;
  const type = json === undefined ? 'text/html' : 'application/json';
  response.writeHead(status, { 'content-type': stream ? 'text/event-stream' : type, ...headers });
  response.write(text);
  if (isCut) setTimeout(() => response.socket?.destroy(), 20);
  else if (!stream) response.end();
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
