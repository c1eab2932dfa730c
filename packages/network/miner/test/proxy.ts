import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call as it passes. */
export interface Call {
  method: string;
  path: string;
  body: string;
  /** Passes it on, and answers with what came back. */
  pass(): Promise<Reply>;
}

/** An answer; `undefined`: none, the connection breaks. */
export type Reply = { status: number; body: Buffer | string; type?: string | undefined } | undefined;

/** What goes wrong on the way. */
export interface Faults {
  /** Answers a call in the server's place. */
  answer?: ((call: Call) => Promise<Reply>) | undefined;
  /** What becomes of sockets. */
  socket?: 'refused' | 'silent' | 'cut' | undefined;
}

/** Stands before a server, and does to its calls what `faults` says: they can change at any time. */
export async function startProxy(target: string, faults: Faults) {
  const calls: Call[] = [];
  const sockets: Socket[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const { method = '', url = '' } = incoming;
    const call: Call = { method, path: url, body, pass: () => forward(target, incoming, body) };
    calls.push(call);
    const reply = await (faults.answer ? faults.answer(call) : call.pass()).catch(() => undefined);
    if (!reply) return void incoming.socket.destroy();
    response.writeHead(reply.status, { 'content-type': reply.type ?? 'application/json' }).end(reply.body);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    sockets.push(socket);
    socket.on('error', () => {});
    if (faults.socket === 'refused') return void socket.destroy();
    if (faults.socket === 'silent') return void socket.write(handshake(request));
    const { hostname, port } = new URL(target);
    const upstream = connect(Number(port), hostname, () => {
      const headers = request.rawHeaders.map((part, index) => part + (index % 2 ? '\r\n' : ': ')).join('');
      upstream.write(`GET ${request.url} HTTP/1.1\r\n${headers}\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    if (faults.socket === 'cut') setTimeout(() => socket.destroy(), 150);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    calls,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(target: string, { method, url, headers, socket }: IncomingMessage, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { host, ...rest } = headers;
    const options = { method: method ?? 'GET', headers: { ...rest, host: new URL(target).host } };
    const outgoing = sendRequest(new URL(url ?? '/', target), options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const type = response.headers['content-type'];
      resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks), type });
    });
    outgoing.on('error', reject);
    // whoever asked may have been killed
    const giveUp = () => outgoing.destroy();
    socket.once('close', giveUp);
    outgoing.once('close', () => socket.off('close', giveUp));
    outgoing.end(body);
  });
}

/** RFC 6455, section 4.2.2. */
function handshake({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}
