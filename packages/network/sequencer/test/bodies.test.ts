// What a stranger without a key may send.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

let network: Network;
beforeAll(async () => {
  network = await startNetwork();
});
afterAll(async () => await network.stop());

/** Posts chunks without a declared length. Resolves with the whole answer, or rejects if the connection breaks. */
function postChunks(path: string, chunks: Iterable<string>, key?: string) {
  return new Promise<{ status: number | undefined; closes: boolean; text: string }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
    const sending = request(`${network.url}${path}`, { method: 'POST', agent: false, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, closes: response.headers.connection === 'close', text });
    });
    sending.on('error', reject);
    for (const chunk of chunks) sending.write(chunk);
    sending.end();
  });
}

test.each(['/task_create', '/miner_request', '/nothing'])(
  'chunks above the limit, to %s, get 413 and a clean end',
  async (path) => {
    const { status, closes, text } = await postChunks(path, Array(30).fill('x'.repeat(50_000)));
    expect([status, closes, JSON.parse(text).code]).toEqual([413, true, 'payload_too_large']);
  },
);

test('chunks below the limit are a request like any other', async () => {
  const text = JSON.stringify({ api_key: network.api_key });
  expect((await postChunks('/network_status', [text.slice(0, 10), text.slice(10)])).status).toBe(200);
});

const wrong = () => JSON.stringify({ workflow_ids: Array(100_000).fill(1), claim_id: 5 });

test.each(['/task_create', '/miner_request', '/miner_upload', '/file_create', '/network_status'])(
  'a large request to %s is refused for its key before its fields are looked at',
  async (path) => {
    const { status, text } = await postChunks(path, [wrong()]);
    expect([status, JSON.parse(text).code]).toEqual([401, 'unauthorized']);
  },
);

test('with a key, ten problems are told at most', async () => {
  const lacks = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`workflow${index}`, 5]));
  const body = JSON.stringify({ workflow_ids: [], lacks });
  const { status, text } = await postChunks('/miner_request', [body], network.rig);
  expect([status, text.length < 2000]).toEqual([400, true]);
  expect(JSON.parse(text).message).toContain('more');
});
