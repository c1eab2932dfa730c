import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What one connection may leave unread. */
export interface AnswerLimits {
  /** Milliseconds in which something of an answer must be read. Default 160 seconds: a chunk of 64 kB at 400 bytes a second. */
  stalledMs?: number;
  /** Requests of one connection that may wait for their answers. Default 16: clients of today send one at a time. */
  most?: number;
}

/** One could be due to this process, if it was busy. */
const LOOKS = 2;

interface Connection {
  /** Requests without a whole answer. */
  open: number;
  /** Bytes that had left at the last look. */
  sent: number;
  /** Looks in a row at which nothing had been read. */
  stalled: number;
}

/**
 * Ends connections that ask and do not read: each answer that waits may hold a file open, and one connection could ask for hundreds
 * at a moment.
 */
export function requireReading(server: Server, { stalledMs = 160_000, most = 16 }: AnswerLimits = {}): void {
  const connections = new Map<Socket, Connection>();
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(socket) ?? track(socket);
    connection.open++;
    response.once('close', () => connection.open--);
    if (connection.open > most) socket.destroy();
  });

  function track(socket: Socket): Connection {
    const connection = { open: 0, sent: 0, stalled: 0 };
    connections.set(socket, connection);
    socket.once('close', () => connections.delete(socket));
    return connection;
  }

  const timer = setInterval(() => {
    for (const [socket, connection] of connections) {
      // what lies here is counted as written, too
      const sent = socket.bytesWritten - socket.writableLength;
      const isStalled = connection.open > 0 && socket.writableLength > 0 && sent === connection.sent;
      connection.sent = sent;
      connection.stalled = isStalled ? connection.stalled + 1 : 0;
      if (connection.stalled === LOOKS) socket.destroy();
    }
  }, stalledMs / LOOKS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
