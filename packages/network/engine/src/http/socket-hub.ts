import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';

/** What the server can do, as `/features` says it. */
export const SERVER_FEATURES = { supports_preview_metadata: true, max_upload_size: 104_857_600 };

/** What may wait for a client that does not read, in bytes, before it is let go. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/** Connected clients, by the id that they gave. */
export class SocketHub {
  readonly #clients = new Map<string, { socket: WebSocket; wantsMetadata: boolean }>();

  /** Takes a new connection. Returns its id. */
  add(socket: WebSocket, clientId: string | null): string {
    const id = clientId || randomUUID().replaceAll('-', '');
    const client = { socket, wantsMetadata: false };
    this.#clients.set(id, client);
    // flags count only as the very first message
    socket.once('message', (data) => {
      client.wantsMetadata = announcesMetadata(String(data));
      if (client.wantsMetadata) this.send('feature_flags', SERVER_FEATURES, id);
    });
    // only its own entry: a newer socket with the same id stays
    socket.on('close', () => {
      if (this.#clients.get(id) === client) this.#clients.delete(id);
    });
    socket.on('error', () => socket.terminate());
    return id;
  }

  /** Sends a message to one client, or to all. */
  send(type: string, data: object, to: string | undefined): void {
    const clients = this.#clientsOf(to);
    if (!clients.length) return;
    const text = JSON.stringify({ type, data });
    for (const { socket } of clients) deliver(socket, text);
  }

  #clientsOf(to: string | undefined) {
    if (to === undefined) return [...this.#clients.values()];
    const client = this.#clients.get(to);
    return client ? [client] : [];
  }

  /** Sends a JPEG preview: with metadata to a client that announced it, else in the old form, which names no node. */
  sendPreview(jpeg: Uint8Array, metadata: { node_id: string; prompt_id: string }, to: string | undefined): void {
    const client = to === undefined ? undefined : this.#clients.get(to);
    if (client?.wantsMetadata) {
      deliver(client.socket, previewWithMetadata(jpeg, metadata));
      return;
    }
    const header = Buffer.alloc(8);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(1, 4);
    const frame = Buffer.concat([header, jpeg]);
    for (const { socket } of this.#clientsOf(to)) deliver(socket, frame);
  }

  close(): void {
    for (const { socket } of this.#clients.values()) socket.terminate();
    this.#clients.clear();
  }
}

/** Nothing may pile up without end for a client that has stopped reading: it can connect again. */
function deliver(socket: WebSocket, message: string | Buffer): void {
  if (socket.bufferedAmount > MAX_WAITING_BYTES) socket.terminate();
  else socket.send(message);
}

function announcesMetadata(text: string): boolean {
  try {
    const { type, data } = JSON.parse(text);
    return type === 'feature_flags' && data?.supports_preview_metadata === true;
  } catch {
    return false;
  }
}

function previewWithMetadata(jpeg: Uint8Array, { node_id, prompt_id }: { node_id: string; prompt_id: string }): Buffer {
  const json = Buffer.from(
    JSON.stringify({
      node_id,
      prompt_id,
      display_node_id: node_id,
      parent_node_id: null,
      real_node_id: node_id,
      image_type: 'image/jpeg',
    }),
  );
  const header = Buffer.alloc(8);
  header.writeUInt32BE(4, 0);
  header.writeUInt32BE(json.length, 4);
  return Buffer.concat([header, json, jpeg]);
}
