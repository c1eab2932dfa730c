import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createEngine, type Engine } from '@heurist/engine';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { listen } from '@heurist/server-kit/listen';
import { freePort } from '@heurist/test-servers/free-port';
import { paint } from '@heurist/test-servers/workflows';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLegacyProtocol, createMiner } from '../src/index.ts';
import { LEGACY_LIMITS, LegacyClient } from '../src/sequencer/legacy-client.ts';

const erc20_address = `0x${'ab'.repeat(20)}`;
const credential = { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'very secret', session_token: 'session' };
const folder = mkdtempSync(join(tmpdir(), 'miner-'));

interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any form
  body: any;
}

let engine: Engine;
/** A reference sequencer and its storage: one server, which writes down what it is asked. */
let server: Server;
let url: string;
let seen: Seen[];
let tasks: object[];
let uploadStatus: number[];
beforeAll(async () => {
  engine = await createEngine({ dataDir: join(folder, 'engine') });
  server = createServer(async (request, response) => {
    const path = request.url ?? '';
    seen.push({ path, headers: request.headers, body: await json(request) });
    response.setHeader('content-type', 'application/json');
    if (path === '/refusing/miner_request') response.writeHead(403).end(JSON.stringify({ message: 'Forbidden' }));
    else if (path === '/alone/miner_request') response.end(JSON.stringify(task('t-9', { task_type: 'other' })));
    else if (path === '/miner_request')
      response.end(JSON.stringify(tasks.shift() ?? { task_id: null, msg: 'no task' }));
    else if (path === '/upload-video') response.writeHead(uploadStatus.shift() ?? 200).end('{}');
    else response.end('{}');
  });
  url = await listen(server, 0, '127.0.0.1');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
  uploadStatus = [];
});

let stop: () => Promise<void>;
afterEach(async () => await stop?.());

async function start(...given: object[]) {
  tasks = given;
  const protocol = createLegacyProtocol({
    sequencer: url,
    erc20_address,
    uploadUrl: `${url}/upload-video`,
    pollMs: 50,
  });
  const workflow = { ...paint, workflow_id: '3', task_type: 'txt2img' };
  const miner = createMiner({ sequencer: url, key: '', comfyui: engine.url, workflows: [workflow], protocol });
  stop = miner.stop;
  await miner.start();
}
const submits = () => seen.filter(({ path }) => path === '/miner_submit').map(({ body }) => body);
const task = (task_id: string, more: object = {}) => ({
  task_id,
  msg: '',
  task_type: 'txt2img',
  workflow_id: '3',
  task_details: { parameters: { color: 0xff0000 } },
  credential,
  ...more,
});

test('a task is run, stored by its credential, and reported', async () => {
  await start(task('t-1'), task('t-2', { task_details: JSON.stringify({ parameters: { color: 255 } }) }));
  await expect.poll(() => submits().length, { timeout: 20_000 }).toBe(2);
  expect(seen[0]?.body).toEqual({ erc20_address, workflow_ids: ['3'] });
  const [first, second] = seen.filter(({ path }) => path === '/upload-video');
  expect(first?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/execute-api\/aws4_request/,
  );
  expect(first?.headers['x-amz-security-token']).toBe('session');
  expect(first?.body.filename).toBe(`flux-lora/3-${erc20_address}-t-1.png`);
  const dominant = async (upload: Seen | undefined) =>
    (await sharp(Buffer.from(upload?.body.file, 'base64')).stats()).dominant;
  expect(await dominant(first)).toMatchObject({ r: expect.closeTo(248, -1), b: expect.closeTo(8, -1) });
  expect(await dominant(second)).toMatchObject({ r: expect.closeTo(8, -1), b: expect.closeTo(248, -1) });
  expect(submits()[0]).toEqual({
    success: true,
    task_id: 't-1',
    miner_id: erc20_address,
    result: `flux-lora/3-${erc20_address}-t-1.png`,
    inference_latency: expect.any(Number),
    upload_latency: expect.any(Number),
    msg: '',
  });
});

test('a storage that fails for a while', async () => {
  uploadStatus = [500, 503];
  await start(task('t-3'));
  await expect.poll(submits, { timeout: 20_000 }).toMatchObject([{ success: true, task_id: 't-3' }]);
});

const output = {
  filename: 'x.png',
  kind: 'image',
  content_type: 'image/png',
  bytes: 1,
  sha256: '',
  node_id: '1',
} as const;

/** Claims one task at an address where no miner of an earlier test still asks, and stores files. */
async function storeOne(uploadUrl: string, ...filenames: string[]) {
  const protocol = createLegacyProtocol({ sequencer: `${url}/alone`, erc20_address, uploadUrl, pollMs: 1 });
  const signal = AbortSignal.timeout(20_000);
  await protocol.claim('', ['3'], undefined, signal);
  const stored: string[] = [];
  for (const filename of filenames)
    stored.push(await protocol.upload('t-9', { ...output, filename }, new Blob(['x']), signal));
  return stored;
}

test('only the first file has a place, in the folder of its task type', async () => {
  expect(await storeOne(`${url}/upload-video`, 'a.webp', 'b.png')).toEqual(
    Array(2).fill(`other/3-${erc20_address}-t-9.webp`),
  );
  expect(seen.filter(({ path }) => path === '/upload-video').length).toBe(1);
  expect(seen.at(-1)?.headers['content-type']).toBe('application/json');
});

test.each([
  [403, false],
  [500, true],
])('a storage that returns %i; worth another try: %s', async (status, isRetryable) => {
  uploadStatus = Array(5).fill(status);
  await expect(storeOne(`${url}/upload-video`, 'a.png')).rejects.toMatchObject({
    code: 'upload_failed',
    message: `The file could not be stored: the storage returned status ${status}.`,
    isRetryable,
  });
});

test('a storage that fails is asked four times, and no longer than the time limit', async () => {
  uploadStatus = Array(9).fill(500);
  await expect(storeOne(`${url}/upload-video`, 'a.png')).rejects.toThrow('status 500');
  expect(seen.filter(({ path }) => path === '/upload-video').length).toBe(1 + LEGACY_LIMITS.retries);
  const silent = createServer(() => {});
  const address = await listen(silent, 0, '127.0.0.1');
  tasks = [task('t-8')];
  const options = { sequencer: url, erc20_address, uploadUrl: address };
  const protocol = new LegacyClient(options, undefined, { ...LEGACY_LIMITS, uploadMs: 100 });
  await protocol.claim('', ['3'], undefined, AbortSignal.timeout(20_000));
  const uploading = protocol.upload('t-8', output, new Blob(['x']), new AbortController().signal);
  await expect(uploading).rejects.toMatchObject({ code: 'upload_failed', isRetryable: true });
  silent.closeAllConnections();
  silent.close();
});

test('asks every two seconds, as the reference miner does', async () => {
  tasks = [];
  const clock = new FakeClock();
  const protocol = new LegacyClient({ sequencer: url, erc20_address }, clock);
  const claiming = protocol.claim('', ['3'], undefined, new AbortController().signal);
  await expect.poll(() => clock.sleeps).toEqual([2000]);
  await clock.advance(2000);
  expect(await claiming).toBeUndefined();
  expect(LEGACY_LIMITS).toEqual({ callMs: 10_000, uploadMs: 300_000, retries: 3 });
});

test('no answer to a claim ends the miner', async () => {
  const protocol = new LegacyClient({ sequencer: `${url}/refusing`, erc20_address });
  const claiming = protocol.claim('', ['3'], undefined, new AbortController().signal);
  await expect(claiming).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('"Forbidden"'),
    isRetryable: true,
  });
});

test('a storage that cannot be reached is worth another try', async () => {
  await expect(storeOne(`http://127.0.0.1:${await freePort()}/`, 'a.png')).rejects.toMatchObject({
    code: 'upload_failed',
    message: 'The file could not be stored: the storage cannot be reached.',
    isRetryable: true,
  });
});

test.each([
  ['without a credential', { credential: null }, /no storage credentials/],
  ['with parameters that the workflow does not take', { task_details: { parameters: { colour: 1 } } }, /color/],
])('a task %s is reported as failed', async (_, more, reason) => {
  await start(task('t-4', more));
  await expect.poll(submits, { timeout: 20_000 }).toMatchObject([{ success: false, task_id: 't-4', result: '' }]);
  expect(submits()[0].msg).toMatch(reason);
});

test('a task that is said to be running still is not taken', async () => {
  await start(task('t-5', { msg: 'Task is still running' }), { task_id: null, msg: '' });
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(seen.every(({ path }) => path === '/miner_request')).toBe(true);
});

test('a malformed address is refused at once', () => {
  for (const malformed of ['0x12', `x${erc20_address}`, `${erc20_address}0`, 'ab'.repeat(20)])
    expect(() => createLegacyProtocol({ sequencer: url, erc20_address: malformed })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: `"${malformed}" is not a wallet address: write 0x and 40 hexadecimal digits.`,
      }),
    );
});
