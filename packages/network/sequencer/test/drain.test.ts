import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startNetwork } from './support/network.ts';

test('on close, requests in flight are answered and long polls end at once', async () => {
  const network = await startNetwork();
  const held = network.claim({ wait_seconds: 30 });
  const { json } = await network.call('file_create', { content_type: 'text/plain', bytes: 8 }, network.consumer);
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  const upload = request(json.upload_url, { method: 'PUT', headers: { 'content-length': 8 } }, (response) =>
    resolve(response.statusCode ?? 0),
  );
  upload.write('four');
  await sleep(200);
  const start = Date.now();
  const stopped = network.stop();
  expect(await held).toMatchObject({ task_id: null });
  expect(Date.now() - start).toBeLessThan(2000);
  await expect(fetch(`${network.url}/healthz`)).rejects.toThrow();
  await sleep(300);
  upload.end('more');
  expect(await answered).toBe(200);
  await stopped;
  expect(Date.now() - start).toBeLessThan(5000);
});
