// A proxy in front of a server, as an operator sets it up: below a path, behind a password.
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { listen } from '@heurist/server-kit/listen';

/** How a gateway passes requests on. */
export interface GatewayOptions {
  /** Path that comes before all others, such as `/api/comfy`. Requests elsewhere get 404. */
  prefix?: string;
  /** Whether the path is taken away before a request is passed on. Default `true`. */
  strips?: boolean;
  /** What `Authorization` must be. */
  authorization?: string;
  /** Headers to set, by a request. */
  headers?: (request: IncomingMessage) => Record<string, string>;
}

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  /** What it was asked for, such as `GET /queue` or `SOCKET /ws?clientId=…`, in order: what it has refused begins with `no `. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Starts a proxy for HTTP and sockets. */
export async function startGateway(target: string, options: GatewayOptions = {}): Promise<Gateway> {
  const { prefix = '', strips = true, authorization, headers = () => ({}) } = options;
  const asked: string[] = [];
  const { hostname, port } = new URL(target);
  /** Where a request goes; a status if it goes nowhere. */
  const route = ({ url = '/', method, headers: { authorization: given, upgrade } }: IncomingMessage) => {
    const status = authorization !== undefined && given !== authorization ? 401 : url.startsWith(prefix) ? 0 : 404;
    asked.push(`${status ? 'no ' : ''}${upgrade ? 'SOCKET' : method} ${url}`);
    return { status, path: (strips ? url.slice(prefix.length) : url) || '/' };
  };
  const server = createServer((incoming, response) => {
    const { status, path } = route(incoming);
    if (status) return void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no</html>');
    const all = { ...incoming.headers, ...headers(incoming) };
    const outgoing = request({ hostname, port, path, method: incoming.method, headers: all }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  const sockets = new Set<Socket>();
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head) => {
    const { status, path } = route(incoming);
    if (status) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const through = connect(Number(port), hostname, () => {
      const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}`);
      through.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
      through.write(head);
      through.pipe(socket).pipe(through);
    });
    for (const [end, other] of [
      [through, socket],
      [socket, through],
    ] as const) {
      sockets.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  const url = `${await listen(server, 0, '127.0.0.1')}${prefix}`;
  return {
    url,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
