import { type ComfyPreview, parseBinaryFrame } from './binary-frame.ts';
import { type SocketMessage, socketMessageSchema } from './schemas.ts';

/** What a socket tells its owner. */
export interface SocketEvents {
  message(message: SocketMessage): void;
  preview(preview: ComfyPreview): void;
}

/** A connection that comes back when it breaks. Everything that it says is a hint: ComfyUI replays nothing. */
export interface ComfySocket {
  /** Resolves when the server has greeted, or after a few seconds without it. */
  ready: Promise<void>;
  close(): void;
}

/** How long a submit waits for the socket. The work goes on without one. */
const READY_TIMEOUT_MS = 3000;
const RECONNECT_MS = 1000;

/** Connects to a ComfyUI server's socket. Never throws: without a socket there are just no hints. */
export function connectSocket(url: string, clientId: string, events: SocketEvents): ComfySocket {
  const address = new URL(`ws?clientId=${clientId}`, url);
  address.protocol = address.protocol.replace('http', 'ws');
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const greeted = Promise.withResolvers<void>();
  const readyTimer = setTimeout(greeted.resolve, READY_TIMEOUT_MS);

  function receive({ data }: MessageEvent) {
    if (data instanceof ArrayBuffer) {
      const preview = parseBinaryFrame(data);
      if (preview) events.preview(preview);
      return;
    }
    const { data: message } = socketMessageSchema.safeParse(parse(String(data)));
    if (!message) return;
    if (message.type === 'status') greeted.resolve();
    events.message(message);
  }

  function connect() {
    socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    // must be the first message, else the server ignores it
    socket.onopen = () =>
      socket?.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    socket.onmessage = receive;
    socket.onclose = () => {
      greeted.resolve();
      if (!isClosed) timer = setTimeout(connect, RECONNECT_MS);
    };
    socket.onerror = () => {};
  }
  connect();

  return {
    ready: greeted.promise.finally(() => clearTimeout(readyTimer)),
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(readyTimer);
      socket?.close();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
