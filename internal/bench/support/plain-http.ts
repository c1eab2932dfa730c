// POST by HTTP/1.1 over one kept connection, one call at a time, and nothing else: the sender of a load shares the cores with what it
// measures, and node:http takes half a millisecond a task for its four calls.
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

export interface PlainReply {
  status: number;
  body: string;
}

/** One connection. Replies must say their length. */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received = '';
  #pending: PromiseWithResolvers<PlainReply> | undefined;

  /** @param url - of the server, without a path */
  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    // bytes, a character each: lengths are those of the wire
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#pending?.reject(error));
    this.#socket.on('close', () => this.#pending?.reject(new Error('The connection was closed.')));
  }

  /** @param headers - lines, each with its line break */
  post(path: string, headers: string, body: string): Promise<PlainReply> {
    this.#pending = Promise.withResolvers();
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\n${headers}` +
        `content-length: ${Buffer.byteLength(body)}${HEAD_END}${body}`,
    );
    return this.#pending.promise;
  }

  /** A call that waits for its answer fails. */
  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf(HEAD_END);
    if (head < 0) return;
    const length = /^content-length: *(\d+)/im.exec(this.#received)?.[1];
    if (length === undefined) {
      this.#pending?.reject(new Error('The reply does not say its length.'));
      return;
    }
    const end = head + HEAD_END.length + Number(length);
    if (this.#received.length < end) return;
    const reply = {
      status: Number(this.#received.slice(9, 12)),
      body: this.#received.slice(head + HEAD_END.length, end),
    };
    this.#received = this.#received.slice(end);
    this.#pending?.resolve({ ...reply, body: Buffer.from(reply.body, 'latin1').toString() });
  }
}
