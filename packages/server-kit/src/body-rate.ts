import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** How fast a body has to come. */
export interface BodyRate {
  /** Bytes per second, over a whole window. Default 500: the slowest of honest lines are faster. */
  bytesPerSecond?: number;
  /** Milliseconds. Default 20 seconds. */
  windowMs?: number;
}

/**
 * Ends requests whose body comes slower than a least rate, and no others: an upload of an hour is fine, one that drips is not. Takes
 * the place of Node's limit on the time of a whole request.
 */
export function requireBodyRate(server: Server, { bytesPerSecond = 500, windowMs = 20_000 }: BodyRate = {}): void {
  server.requestTimeout = 0;
  const receiving = new Map<IncomingMessage, { response: ServerResponse; bytes: number }>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    // a body has a length or comes in chunks; a GET has none
    if (request.headers['content-length'] === undefined && !request.headers['transfer-encoding']) return;
    receiving.set(request, { response, bytes: request.socket.bytesRead });
    request.once('close', () => receiving.delete(request));
  });
  const timer = setInterval(() => {
    for (const [request, seen] of receiving) {
      const arrived = request.socket.bytesRead - seen.bytes;
      seen.bytes += arrived;
      // what lies here unread is waited for by us, not by the sender
      const isOurs = request.complete || request.readableLength > 0;
      if (!isOurs && arrived < (bytesPerSecond * windowMs) / 1000) end(request, seen.response);
    }
  }, windowMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

function end({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) return void socket.destroy();
  socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy());
}
