import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '@heurist/server-kit/listen';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { Addresses } from '../access/addresses/addresses.ts';
import { defaultLimits as limits } from '../access/limits/limits.ts';
import { startServer } from './server.ts';

const services = { limits, addresses: new Addresses({ limits }) };

test('a port that is taken is an error of the configuration', async () => {
  const other = createServer();
  const port = Number(new URL(await listen(other, 0, '127.0.0.1')).port);
  await expect(startServer(services, new Hono(), port, '127.0.0.1')).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining(`Port ${port} is already in use.`),
  });
  other.close();
});

/** A server with a call that takes `callMs`, which is in flight, and is drained within `drainMs`. */
async function drainDuring(callMs: number, drainMs: number) {
  const app = new Hono();
  const { promise: isInFlight, resolve } = Promise.withResolvers<void>();
  app.get('/', async (c) => {
    resolve();
    await sleep(callMs);
    return c.text('done');
  });
  const server = await startServer(services, app, 0, '127.0.0.1', drainMs);
  const call = fetch(server.address).then(
    (response) => response.text(),
    () => 'cut off',
  );
  await isInFlight;
  await server.drain();
  return await call;
}

test('a request in flight is answered while it is drained', async () => {
  expect(await drainDuring(100, 5000)).toBe('done');
});

test('one that takes too long is cut off', async () => {
  expect(await drainDuring(5000, 50)).toBe('cut off');
});
