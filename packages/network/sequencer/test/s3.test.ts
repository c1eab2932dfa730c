// Files in an S3-compatible storage: they go there and come from there directly, by presigned addresses.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Heurist } from '@heurist/core';
import { startS3, type TestStorage, testAccount } from '@heurist/test-servers/s3';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createS3Store, readS3Options } from '../src/index.ts';
import { type Network, startNetwork } from './support/network.ts';
import { signedClient } from './support/reference-miner.ts';
import { SkipClock } from './support/skip-clock.ts';

const bucket = 'heurist-test';
const account = new AwsClient({ ...testAccount, service: 's3', region: 'us-east-1' });
let storage: TestStorage;
let network: Network;
let store: ReturnType<typeof createS3Store>;
beforeAll(async () => {
  storage = await startS3(bucket);
  await account.fetch(`${storage.endpoint}/${bucket}`, { method: 'PUT' });
  store = createS3Store({ endpoint: storage.endpoint, bucket, prefix: 'files/', ...testAccount });
  network = await startNetwork({ artifacts: store, allowLegacyMiners: true });
});
beforeEach(() => network.cancelAll());
afterAll(async () => {
  await network?.stop();
  await storage?.stop();
});

/** Keys in the bucket. */
async function list(): Promise<string[]> {
  const reply = await account.fetch(`${storage.endpoint}/${bucket}?list-type=2`);
  return [...(await reply.text()).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
}

test('a result goes to the storage and comes from it', async () => {
  const { json } = await network.create();
  const { lease_id, file_origins } = await network.claim();
  expect(file_origins).toEqual([network.url, new URL(storage.endpoint).origin]);
  const { artifact_id, status } = await network.upload(lease_id, 'hello', { filename: 'a "b".txt' });
  expect(status).toBe(200);
  expect((await network.submit(lease_id, { artifact_ids: [artifact_id] })).status).toBe(200);
  expect(await list()).toContain(`files/${artifact_id}`);
  const { outputs } = await network.query(json.task_id);
  const reply = await fetch(outputs[0].url);
  expect(new URL(reply.url).origin).toBe(new URL(storage.endpoint).origin);
  expect(reply.headers.get('content-type')).toBe('text/plain');
  expect(reply.headers.get('content-disposition')).toBe('attachment; filename="a _b_.txt"');
  expect(await reply.text()).toBe('hello');
});

test('the upload of a reference miner goes there, too', async () => {
  const { json } = await network.create();
  const claim = { erc20_address: '0xabc', workflow_ids: ['echo'] };
  const { task_id, credential } = (await network.call('miner_request', claim)).json;
  const miner = signedClient(credential);
  const file = Buffer.from(`RIFF\0\0\0\0WEBPVP8 ${'x'.repeat(40)}`).toString('base64');
  const body = JSON.stringify({ file, filename: `test-video/${task_id}.webp` });
  expect((await miner.fetch(`${network.url}/dev/upload-video`, { method: 'POST', body })).status).toBe(200);
  const report = { success: true, task_id, miner_id: '0xabc', result: `test-video/${task_id}.webp` };
  expect((await network.call('miner_submit', report)).status).toBe(200);
  const { outputs } = await network.query(json.task_id);
  const reply = await fetch(outputs[0].url);
  expect(new URL(reply.url).origin).toBe(new URL(storage.endpoint).origin);
  expect(Buffer.from(await reply.arrayBuffer()).toString('base64')).toBe(file);
});

test('a file that is missing, or not as declared, cannot be submitted', async () => {
  await network.create();
  const { lease_id } = await network.claim();
  const wrong = [
    await network.upload(lease_id, 'text', { bytes: 3 }),
    await network.upload(lease_id, 'text', { bytes: 9 }),
    await network.upload(lease_id, 'text', { sha256: '0'.repeat(64) }),
    await network.upload(lease_id, '<script>alert(1)</script>', { content_type: 'image/png' }),
  ];
  for (const { artifact_id } of wrong)
    expect((await network.submit(lease_id, { artifact_ids: [artifact_id] })).status).toBe(400);
  const facts = { filename: 'x', kind: 'file', content_type: 'a/b', bytes: 4, sha256: '0'.repeat(64) };
  const { json } = await network.call('miner_upload', { lease_id, ...facts }, network.rig);
  const never = await network.submit(lease_id, { artifact_ids: [json.artifact_id] });
  expect([never.status, never.json.message]).toEqual([400, expect.stringContaining('0 of 1')]);
});

test('a presigned URL is for one file and one method', async () => {
  await network.create();
  const { lease_id } = await network.claim();
  const facts = { filename: 'x', kind: 'file', content_type: 'a/b', bytes: 4, sha256: '0'.repeat(64) };
  const { json } = await network.call('miner_upload', { lease_id, ...facts }, network.rig);
  const other = new URL(json.upload_url);
  other.pathname = `/${bucket}/files/other`;
  expect((await fetch(other, { method: 'PUT', body: 'text' })).status).toBe(403);
  expect((await fetch(json.upload_url)).status).toBe(403);
});

test('an input is uploaded there, and the miner is redirected to it', async () => {
  const heurist = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const image = await heurist.workflow.uploadFile(png);
  await network.create({ task_details: { parameters: { text: 'x', image } } });
  const { task_details } = await network.claim();
  expect(new URL(task_details.parameters.image).origin).toBe(network.url);
  expect(Buffer.from(await (await fetch(task_details.parameters.image)).arrayBuffer())).toEqual(png);
  // announced, but never sent
  const { json } = await network.call('file_create', { content_type: 'image/png', bytes: 5 }, network.consumer);
  expect((await fetch(json.url)).status).toBe(404);
});

test.each([
  ['is gone', async (id: string) => void (await store.delete(id))],
  [
    'is cut off',
    async (id: string) =>
      void (await account.fetch(`${storage.endpoint}/${bucket}/files/${id}`, { method: 'PUT', body: 'h' })),
  ],
])('a file that %s is not found by HEAD', async (what, harm) => {
  await network.create();
  const { lease_id, task_id } = await network.claim();
  const { artifact_id } = await network.upload(lease_id, 'hello');
  await network.submit(lease_id, { artifact_ids: [artifact_id] });
  const { result } = await network.query(task_id);
  const head = await fetch(result, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), new URL(head.url).origin]).toEqual([200, '5', network.url]);
  await harm(artifact_id);
  expect((await fetch(result, { method: 'HEAD' })).status).toBe(404);
  // GET leads to the storage, which says so itself
  expect((await fetch(result)).status).toBe(what === 'is gone' ? 404 : 200);
});

test.each([20, -20])('a machine whose clock is %i minutes off signs what the storage accepts', async (minutes) => {
  const clock = new SkipClock();
  clock.skip(minutes * 60_000);
  const options = { endpoint: storage.endpoint, bucket, prefix: 'files/', ...testAccount };
  const artifacts = createS3Store(options, { clock });
  const other = await startNetwork({ artifacts, clock });
  const { json } = await other.create();
  const { lease_id } = await other.claim();
  const before = Date.now();
  const { artifact_id, status } = await other.upload(lease_id, 'hello');
  expect(status).toBe(200);
  expect((await other.submit(lease_id, { artifact_ids: [artifact_id] })).status).toBe(200);
  const { result } = await other.query(json.task_id);
  const reply = await fetch(result);
  expect([reply.status, await reply.text()]).toEqual([200, 'hello']);
  const [, date = ''] = /X-Amz-Date=(\w+)/.exec(reply.url) ?? [];
  const signedAt = Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  expect(Math.abs(signedAt - before)).toBeLessThan(60_000);
  await other.stop();
});

test('what is deleted is deleted there too', async () => {
  const before = await list();
  const artifact_id = before[0]!.replace('files/', '');
  await store.delete(artifact_id);
  expect(await list()).toEqual(before.slice(1));
  // deleted already
  await store.delete(artifact_id);
});

test('a storage that fails costs a retry, not the task', async () => {
  const down = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => down.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(down.address() as AddressInfo).port}`;
  const other = await startNetwork({ artifacts: createS3Store({ endpoint, bucket, ...testAccount }) });
  const { json } = await other.create();
  const { lease_id } = await other.claim();
  const { artifact_id } = await other.upload(lease_id);
  const reply = await other.submit(lease_id, { artifact_ids: [artifact_id] });
  expect([reply.status, reply.json.code]).toEqual([503, 'unavailable']);
  expect((await other.query(json.task_id)).status).toBe('running');
  await other.stop();
  down.close();
});

test('settings come from the usual variables, and what is missing is named', () => {
  const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_REGION: 'eu-central-1' };
  expect(readS3Options('s3://bucket/some/where/', env)).toMatchObject({
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    bucket: 'bucket',
    prefix: 'some/where/',
  });
  expect(() => readS3Options('s3://bucket', {})).toThrow(/AWS_ACCESS_KEY_ID/);
  expect(() => readS3Options('s3://', env)).toThrow(/s3:\/\/bucket/);
});
