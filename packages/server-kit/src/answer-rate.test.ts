import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireReading } from './answer-rate.ts';
import { listen } from './listen.ts';

const STALLED_MS = 200;
const CHUNK = Buffer.alloc(2 ** 16);
/** More than the buffers of both ends hold. */
const CHUNKS = 400;

let server: Server;
let url: string;
let open: number;
beforeEach(async () => {
  open = 0;
  server = createServer((request, response) => {
    if (request.url === '/held') return void setTimeout(() => response.end('late'), 4 * STALLED_MS);
    open++;
    const body = Readable.from(
      (function* () {
        for (let chunk = 0; chunk < CHUNKS; chunk++) yield CHUNK;
      })(),
    );
    response.once('close', () => open--);
    body.pipe(response);
  });
  requireReading(server, { stalledMs: STALLED_MS, most: 3 });
  url = await listen(server, 0, '127.0.0.1');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(paths: string[]): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause().write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  return socket;
}

test('an answer that nobody reads is ended', async () => {
  await ask(['/']);
  await expect.poll(() => open).toBe(1);
  await expect.poll(() => open, { timeout: 5000 }).toBe(0);
});

test('one that is read slowly is not', async () => {
  const socket = await ask(['/']);
  let read = 0;
  while (read < CHUNK.length * CHUNKS) {
    const chunk = socket.read() as Buffer | null;
    read += chunk?.length ?? 0;
    if (socket.destroyed) break;
    // several times as long as an answer may stall, in all
    await sleep(2);
  }
  expect(read).toBeGreaterThanOrEqual(CHUNK.length * CHUNKS);
});

test('an answer that is not ready yet may be waited for', async () => {
  expect(await (await fetch(`${url}/held`)).text()).toBe('late');
});

test('a connection that asks for many at once is ended, one that asks for a few is not', async () => {
  const few = await ask(['/held', '/held', '/held']);
  few.setEncoding('utf8').resume();
  let answers = '';
  few.on('data', (text) => {
    answers += text;
  });
  await ask(['/held', '/held', '/held', '/held']);
  await expect.poll(() => answers.split('late').length - 1).toBe(3);
  const connections = await promisify(server.getConnections.bind(server))();
  expect(connections).toBe(1);
});
