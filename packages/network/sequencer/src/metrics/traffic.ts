import type { Server } from 'node:http';
import type { Socket } from 'node:net';

type Bytes = Pick<Socket, 'bytesRead' | 'bytesWritten'>;

/** Counts the bytes of a server's connections, headers included. */
export class Traffic {
  readonly #open = new Set<Bytes>();
  #received = 0;
  #sent = 0;

  /** Counts the connections of a server from now on. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#received += socket.bytesRead;
        this.#sent += socket.bytesWritten;
      });
    });
  }

  /** Up to now, those that are open included. */
  get total(): { received: number; sent: number } {
    let [received, sent] = [this.#received, this.#sent];
    for (const { bytesRead, bytesWritten } of this.#open) {
      received += bytesRead;
      sent += bytesWritten;
    }
    return { received, sent };
  }
}
