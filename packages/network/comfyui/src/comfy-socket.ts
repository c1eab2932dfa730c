import type { Clock } from '@heurist/server-kit/clock';
import { type ComfyPreview, parseBinaryFrame } from './binary-frame.ts';
import { type SocketMessage, socketMessageSchema } from './schemas.ts';

/** Who listens to a socket. */
export interface SocketListener {
  receiveMessage(message: SocketMessage): void;
  receivePreview(preview: ComfyPreview): void;
}

/** How long a submit waits for the socket, in milliseconds. The work goes on without one. */
export const READY_TIMEOUT_MS = 3000;
/** How long it waits before it connects again, in milliseconds. */
export const RECONNECT_MS = 1000;

/** A socket of a ComfyUI server that reconnects when it breaks. Nothing depends on it: ComfyUI replays no message. Never throws. */
export class ComfySocket {
  readonly #address: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #listener: SocketListener;
  readonly #clock: Clock;
  /** Fires when there is nothing to wait for any more: the server has greeted or refused. */
  readonly #greeted = new AbortController();
  readonly #closing = new AbortController();
  #socket: WebSocket | undefined;

  /** @param server - where it is, with a slash at the end, what its gateway wants, and the id to connect under */
  constructor(
    { url, headers, clientId }: { url: string; headers: Readonly<Record<string, string>>; clientId: string },
    listener: SocketListener,
    clock: Clock,
  ) {
    this.#headers = headers;
    this.#address = new URL(`ws?clientId=${clientId}`, url);
    this.#address.protocol = this.#address.protocol.replace('http', 'ws');
    this.#listener = listener;
    this.#clock = clock;
    this.#connect();
  }

  /** Resolves when the server has greeted, when it has refused, or after {@link READY_TIMEOUT_MS}. */
  async untilReady(): Promise<void> {
    await this.#clock.sleep(READY_TIMEOUT_MS, this.#greeted.signal);
  }

  close(): void {
    this.#closing.abort();
    this.#greeted.abort();
    this.#socket?.close();
  }

  #connect(): void {
    let socket: WebSocket;
    try {
      socket = openSocket(this.#address, this.#headers);
    } catch {
      // an address that no socket takes: the work goes on without one
      this.#greeted.abort();
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    // must be the first message, else the server ignores it
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    socket.onmessage = (event) => this.#receiveSafely(event);
    socket.onclose = () => void this.#reconnect();
    socket.onerror = () => {};
  }

  async #reconnect(): Promise<void> {
    this.#greeted.abort();
    await this.#clock.sleep(RECONNECT_MS, this.#closing.signal);
    if (!this.#closing.signal.aborted) this.#connect();
  }

  /** What a message does not have, or a listener throws, would end the process, and the work of all its tasks. */
  #receiveSafely(event: MessageEvent): void {
    try {
      this.#receive(event);
    } catch {
      // the history decides, not the socket
    }
  }

  #receive({ data }: MessageEvent): void {
    if (data instanceof ArrayBuffer) {
      const preview = parseBinaryFrame(data);
      if (preview) this.#listener.receivePreview(preview);
      return;
    }
    const { data: message } = socketMessageSchema.safeParse(parse(String(data)));
    if (!message) return;
    if (message.type === 'status') this.#greeted.abort();
    this.#listener.receiveMessage(message);
  }
}

/** Node's sockets take headers, unlike those of browsers, which the types describe. */
function openSocket(address: URL, headers: Readonly<Record<string, string>>): WebSocket {
  const Socket = WebSocket as unknown as new (address: URL, options?: { headers: object }) => WebSocket;
  return Object.keys(headers).length ? new Socket(address, { headers }) : new Socket(address);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
