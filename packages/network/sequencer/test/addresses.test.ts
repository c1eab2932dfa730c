// What an address may do without a valid key, at a server that listens.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ limits: { failedCalls: 20, keylessCalls: 30 }, trustedProxies: ['127.0.0.1'] });
});
afterAll(() => network.stop());

/** A call that comes through the proxy. */
async function call(from: string, name: string, body: object, key?: string) {
  const headers = { 'x-forwarded-for': from, ...(key && { authorization: `Bearer ${key}` }) };
  const response = await fetch(`${network.url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.status;
}

test('whoever tries too many keys is refused, and whoever shares its address goes on with a key that was valid', async () => {
  expect(await call('192.0.2.1', 'network_status', {}, network.consumer)).toBe(200);
  const statuses: number[] = [];
  for (let count = 0; count < 15; count++) {
    statuses.push(await call('192.0.2.1', 'network_status', { api_key: `wrong-${count}` }));
    statuses.push(await call('192.0.2.1', 'miner_request', { workflow_ids: ['echo'] }, 'rig#wrong'));
  }
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(10).fill(429)]);
  expect(await call('192.0.2.1', 'key_list', {}, 'boss#wrong')).toBe(429);
  expect(await call('192.0.2.1', 'network_status', {}, network.consumer)).toBe(200);
  // a key that was never used here waits for a minute, or comes from elsewhere
  const fresh = await network.sequencer.createKey('consumer', 'fresh');
  expect(await call('192.0.2.1', 'network_status', {}, fresh)).toBe(429);
  expect(await call('192.0.2.2', 'network_status', {}, fresh)).toBe(200);
});

test('signed URLs are fetched so many times a minute', async () => {
  const { json } = await network.call('file_create', { content_type: 'text/plain', bytes: 1 }, network.consumer);
  await fetch(json.upload_url, { method: 'PUT', body: 'x', headers: { 'x-forwarded-for': '192.0.2.8' } });
  const read = async (from: string, method = 'GET') =>
    (await fetch(json.url, { method, headers: { 'x-forwarded-for': from } })).status;
  const statuses = [];
  for (let count = 0; count < 33; count++) statuses.push(await read('192.0.2.3', count % 2 ? 'GET' : 'HEAD'));
  expect(statuses).toEqual([...Array(30).fill(200), 429, 429, 429]);
  expect(await read('192.0.2.4')).toBe(200);
});
