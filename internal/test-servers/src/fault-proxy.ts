import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { listen } from '@heurist/server-kit/listen';
import { sleep } from '@heurist/server-kit/sleep';
import { pick, type Random } from './random.ts';

/** A call on its way to the server. */
export interface Call {
  method: string;
  path: string;
  body: string;
  /** Passes it on, and resolves with the server's answer. */
  pass(): Promise<Reply>;
}

/** An answer; `undefined`: none, the connection breaks. */
export type Reply = { status: number; body: Buffer | string; type?: string | undefined } | undefined;

/** What a bad network does to some of the calls. */
export type NetworkFault = 'lose replies' | 'duplicate calls' | 'delay calls' | 'answer pages';

/** What goes wrong. */
export interface Faults {
  /** Answers calls in the server's place. */
  answer?: ((call: Call) => Promise<Reply>) | undefined;
  /** What happens to WebSockets. `cut`: they break after {@link CUT_AFTER_MS}. */
  socket?: 'refused' | 'silent' | 'cut' | undefined;
  /** What happens at random to half of the calls. */
  network?: NetworkFault | undefined;
}

const CUT_AFTER_MS = 150;
/** Half of the calls are hit while a network fault lasts. */
const SHARE = 0.5;
const LONGEST_DELAY_MS = 4000;
/** What a load balancer answers by itself, with a page: a wall, nothing behind it, a sign-in page. */
const PAGE_STATUSES = [403, 404, 502, 200];
/** A stream of events never ends: what it says within this time is enough. */
const DRAIN_MS = 1000;

/** A proxy in front of a server. */
export class FaultProxy {
  /** Can be changed at any time. */
  readonly faults: Faults;
  /** Every call so far. */
  readonly calls: Call[] = [];
  url = '';
  readonly #target: URL;
  readonly #random: Random;
  readonly #sockets: Socket[] = [];
  readonly #server = createServer((incoming, outgoing) => {
    incoming.socket.setMaxListeners(0);
    this.#handle(incoming, outgoing).catch(() => outgoing.destroy());
  });

  constructor(target: string, faults: Faults, random: Random) {
    this.#target = new URL(target);
    this.faults = faults;
    this.#random = random;
    this.#server.on('upgrade', (incoming, socket: Socket, head) => this.#upgrade(incoming, socket, head));
  }

  async start(): Promise<this> {
    this.url = await listen(this.#server, 0, '127.0.0.1');
    return this;
  }

  readonly stop = async (): Promise<void> => {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  };

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = '', url: path = '' } = incoming;
    const call = { method, path, body: body.toString(), pass: () => this.#pass(incoming, body) };
    this.calls.push(call);
    if (this.faults.answer) return answer(outgoing, await this.faults.answer(call));
    const { network } = this.faults;
    const hit = network && this.#random() < SHARE ? network : undefined;
    if (hit === 'delay calls') await sleep(this.#random() * LONGEST_DELAY_MS);
    if (hit === 'answer pages') return answer(outgoing, makePage(pick(this.#random, PAGE_STATUSES)));
    if (hit === 'duplicate calls') await drain(await this.#send(incoming, body));
    const reply = await this.#send(incoming, body);
    if (hit === 'lose replies') {
      await drain(reply);
      outgoing.destroy();
    } else stream(reply, outgoing);
  }

  async #pass(incoming: IncomingMessage, body: Buffer): Promise<Reply> {
    const reply = await this.#send(incoming, body);
    return { status: reply.statusCode ?? 502, body: await buffer(reply), type: reply.headers['content-type'] };
  }

  /** Under the name that the caller used, so that addresses in answers lead through here too. */
  #send({ method, headers, url, socket }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { headers: headers as OutgoingHttpHeaders, ...(method && { method }) };
      const sent = request(new URL(url ?? '', this.#target), options, resolve);
      sent.on('error', reject);
      // the caller may be killed
      const giveUp = () => sent.destroy();
      socket.once('close', giveUp);
      sent.once('close', () => socket.off('close', giveUp));
      sent.end(body);
    });
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#sockets.push(socket);
    socket.on('error', () => {});
    if (this.faults.socket === 'refused') return void socket.destroy();
    if (this.faults.socket === 'silent') return void socket.write(handshake(incoming));
    const upstream = connect(Number(this.#target.port), this.#target.hostname, () => {
      const headers = incoming.rawHeaders.map((part, index) => part + (index % 2 ? '\r\n' : ': ')).join('');
      upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    if (this.faults.socket === 'cut') setTimeout(() => socket.destroy(), CUT_AFTER_MS);
  }
}

/** Starts a proxy that passes everything on, but for its `faults`. */
export async function startFaultProxy(
  target: string,
  faults: Faults = {},
  random: Random = Math.random,
): Promise<FaultProxy> {
  return await new FaultProxy(target, faults, random).start();
}

function answer(outgoing: ServerResponse, reply: Reply): void {
  if (!reply) outgoing.destroy();
  else outgoing.writeHead(reply.status, { 'content-type': reply.type ?? 'application/json' }).end(reply.body);
}

const makePage = (status: number): Reply => ({
  status,
  type: 'text/html',
  body: `<html><body>${status} from a proxy, not from the server</body></html>`,
});

function stream(reply: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
  reply.pipe(outgoing);
  reply.on('error', () => outgoing.destroy());
  outgoing.on('close', () => reply.destroy());
}

async function drain(reply: IncomingMessage): Promise<void> {
  const limit = new AbortController();
  await Promise.race([buffer(reply).catch(() => {}), sleep(DRAIN_MS, limit.signal)]);
  limit.abort();
  reply.destroy();
}

/** RFC 6455, section 4.2.2. */
function handshake({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}
