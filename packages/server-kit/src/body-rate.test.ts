import { createServer, request, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireBodyRate } from './body-rate.ts';
import { listen } from './listen.ts';

const WINDOW_MS = 100;
let server: Server;
let url: string;
beforeEach(async () => {
  server = createServer((incoming, response) => {
    incoming.on('error', () => {}).resume();
    incoming.on('end', () => response.end('done'));
  });
  requireBodyRate(server, { bytesPerSecond: 1000, windowMs: WINDOW_MS });
  url = await listen(server, 0, '127.0.0.1');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends `bytes` every 20 ms, `times` times; resolves with the status, or with what broke. */
async function upload(bytes: number, times: number, headers: Record<string, string> = {}): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const sending = request(url, { method: 'PUT', headers, agent: false }, (response) => {
    response.on('error', () => {}).resume();
    resolve(response.statusCode);
  });
  sending.on('error', ({ message }) => resolve(message));
  for (let time = 0; time < times && !sending.destroyed; time++) {
    sending.write(Buffer.alloc(bytes));
    await sleep(20);
  }
  sending.end();
  return await promise;
}

test('a body that drips is ended with 408, with a declared length or in chunks', async () => {
  const start = Date.now();
  expect(await upload(1, 500, { 'content-length': '500' })).toBe(408);
  expect(await upload(1, 500)).toBe(408);
  expect(Date.now() - start).toBeLessThan(20_000);
});

test('a slow one that keeps moving may take many windows', async () => {
  expect(await upload(200, 40)).toBe(200);
});

test('there is no limit on the whole time', () => {
  expect(server.requestTimeout).toBe(0);
});

test('requests without a body may be held for long', async () => {
  const held = createServer((_, response) => void setTimeout(() => response.end('x'), WINDOW_MS * 5));
  requireBodyRate(held, { windowMs: WINDOW_MS });
  const at = await listen(held, 0, '127.0.0.1');
  expect((await fetch(at)).status).toBe(200);
  // one whose body has come whole is held as long as one likes, too
  expect((await fetch(at, { method: 'POST', body: 'short' })).status).toBe(200);
  held.closeAllConnections();
  held.close();
});
