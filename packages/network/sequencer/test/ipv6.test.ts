// A network that is reached by IPv6: addresses have brackets, and callers are counted by /64.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

let network: Network;
let base: string;
beforeAll(async () => {
  network = await startNetwork({ trustedProxies: ['::1'], limits: { failedCalls: 3 } });
  base = await network.sequencer.listen({ host: '::1' });
});
afterAll(() => network.stop());

const call = (name: string, body: object, key = network.consumer, headers: Record<string, string> = {}) =>
  fetch(`${base}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(body),
  });

test('links lead there', async () => {
  expect(base).toMatch(/^http:\/\/\[::1\]:\d+$/);
  const response = await call('file_create', { content_type: 'text/plain', bytes: 5 });
  const { upload_url, url } = (await response.json()) as { upload_url: string; url: string };
  expect([upload_url, url].map((link) => link.replace(/artifacts.*/, ''))).toEqual([`${base}/`, `${base}/`]);
  expect((await fetch(upload_url, { method: 'PUT', body: 'hello' })).status).toBe(200);
  expect(await (await fetch(url)).text()).toBe('hello');
  expect((await fetch(`${base}/docs`)).status).toBe(200);
});

test('whoever has a /64 is one caller, in whatever spelling', async () => {
  const from = async (address: string) =>
    (await call('network_status', {}, `acme#${Math.random()}`, { 'x-forwarded-for': address })).status;
  const tries = ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::', '[2001:db8:1:2::3]:4711'];
  for (const address of tries) expect(await from(address)).toBe(401);
  expect(await from('2001:0db8:0001:0002::4')).toBe(429);
  expect(await from('2001:db8:1:3::1')).toBe(401);
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201']) expect(await from(address)).toBe(401);
  expect(await from('192.0.2.1')).toBe(429);
});
