import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';

/** What the server can do, as `/features` says it. */
export const SERVER_FEATURES = { supports_preview_metadata: true, max_upload_size: 104_857_600 };

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
    const text = JSON.stringify({ type, data });
    if (to === undefined) for (const { socket } of this.#clients.values()) socket.send(text);
    else this.#clients.get(to)?.socket.send(text);
  }

  /** Sends a JPEG preview: with metadata to a client that announced it, else in the old form, which names no node. */
  sendPreview(jpeg: Uint8Array, metadata: { node_id: string; prompt_id: string }, to: string | undefined): void {
    const client = to === undefined ? undefined : this.#clients.get(to);
    if (client?.wantsMetadata) {
      client.socket.send(previewWithMetadata(jpeg, metadata));
      return;
    }
    const header = Buffer.alloc(8);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(1, 4);
    const frame = Buffer.concat([header, jpeg]);
    if (to === undefined) for (const { socket } of this.#clients.values()) socket.send(frame);
    else client?.socket.send(frame);
  }

  close(): void {
    for (const { socket } of this.#clients.values()) socket.terminate();
    this.#clients.clear();
  }
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
