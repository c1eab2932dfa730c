import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow, type ModelRequirement } from '@heurist/core/definition';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { minerSetup } from '../src/commands/miner-setup.ts';
import { downloadFile } from '../src/system/download-file.ts';
import { runCli } from './run-cli.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let folder: string;
let server: Server;
let url: string;
let seen: { method: string; path: string; headers: IncomingHttpHeaders }[];
/** Bytes after which the connection breaks, one for each answer. */
let cuts: number[];
/** The file that a broken download goes on from. */
let part: string;
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, headers });
    if (path === '/gated') return void response.writeHead(401).end();
    // as Hugging Face does: the answer names the file's SHA-256 and where it lies
    if (path === '/hub' || path === '/hub-changed') {
      const hash = path === '/hub' ? sha256 : '0'.repeat(64);
      return void response.writeHead(302, { location: '/file', 'x-linked-etag': `"${hash}"` }).end();
    }
    const from = Number(headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
    const isPart = headers.range !== undefined && path !== '/whole';
    if (isPart && from >= content.length)
      return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    const body = isPart ? content.subarray(from) : content;
    response.writeHead(isPart ? 206 : 200, { 'content-length': body.length });
    const cut = method === 'GET' ? cuts.shift() : undefined;
    if (cut === undefined) return void response.end(body);
    response.write(body.subarray(0, cut));
    // what the client has not written down by then, it would lose
    const looks = setInterval(() => {
      if (sizeOf(part) < from + cut) return;
      clearInterval(looks);
      response.destroy();
    }, 5);
  });
  url = await listen(server, 0, '127.0.0.1');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
  seen = [];
  cuts = [];
  return () => rmSync(folder, { recursive: true, force: true });
});

const gets = () => seen.filter(({ method }) => method === 'GET');

describe('a download', () => {
  test('that breaks goes on where it was', async () => {
    cuts = [100_000, 50_000];
    const path = join(folder, 'deep/model.bin');
    part = `${path}.part`;
    const told: number[] = [];
    await downloadFile({ url: `${url}/file`, path, sha256, onProgress: (bytes) => told.push(bytes) });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(existsSync(`${path}.part`)).toBe(false);
    expect(gets().map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
    expect(told.at(-1)).toBe(content.length);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  test('of a process before goes on', async () => {
    const path = join(folder, 'model.bin');
    writeFileSync(`${path}.part`, content.subarray(0, 200_000));
    await downloadFile({ url: `${url}/file`, path, sha256 });
    expect(gets().map(({ headers }) => headers.range)).toEqual(['bytes=200000-']);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  test('that was whole but not renamed is not fetched again', async () => {
    const path = join(folder, 'model.bin');
    writeFileSync(`${path}.part`, content);
    await downloadFile({ url: `${url}/file`, path, sha256 });
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  test('from a server that cannot send a part begins again', async () => {
    const path = join(folder, 'model.bin');
    writeFileSync(`${path}.part`, randomBytes(200_000));
    await downloadFile({ url: `${url}/whole`, path, sha256 });
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  test('knows the SHA-256 that Hugging Face tells, and shows a key to that host alone', async () => {
    const path = join(folder, 'model.bin');
    const headers = { authorization: 'Bearer secret' };
    expect(await downloadFile({ url: `${url}/hub`, path, headers })).toBe(sha256);
    expect(seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/hub', 'Bearer secret'],
      ['/file', undefined],
      ['/file', undefined],
    ]);
  });

  test.each([
    ['another SHA-256 than the hub says', '/hub-changed', undefined],
    ['another SHA-256 than the workflow says', '/file', 'f'.repeat(64)],
  ])('with %s is deleted', async (_, path, expected) => {
    const target = join(folder, 'model.bin');
    await expect(downloadFile({ url: url + path, path: target, sha256: expected })).rejects.toThrow('wrong SHA-256');
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  test('that damaged bytes were before is found out', async () => {
    const path = join(folder, 'model.bin');
    writeFileSync(`${path}.part`, randomBytes(1000));
    await expect(downloadFile({ url: `${url}/file`, path, sha256 })).rejects.toThrow('wrong SHA-256');
  });

  test.each([
    ['/gated', /401.*HF_TOKEN/],
    ['http://127.0.0.1:9/x', /cannot be downloaded: bad port/],
  ])('%s is refused with the reason', async (path, reason) => {
    const address = path.startsWith('/') ? url + path : path;
    await expect(downloadFile({ url: address, path: join(folder, 'x') })).rejects.toThrow(reason);
  });
});

describe('miner setup', () => {
  const flow = (...models: ModelRequirement[]) =>
    defineWorkflow({
      workflow_id: 'flow',
      task_type: 'flow',
      title: 'Flow',
      parameters: z.strictObject({}),
      graph: { 1: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } },
      bindings: {},
      outputs: ['1'],
      requirements: { models },
    });
  const model = (filename: string, more: object = {}): ModelRequirement => ({
    folder: 'checkpoints',
    filename,
    url: `${url}/file`,
    bytes: content.length,
    sha256,
    ...more,
  });
  const setup = (models: ModelRequirement[], yes = true) =>
    minerSetup(['flow'], { models: folder, yes }, [flow(...models)]);

  test('fetches what is missing into its folders, and nothing twice', async () => {
    mkdirSync(join(folder, 'checkpoints'));
    writeFileSync(join(folder, 'checkpoints/there.bin'), 'x');
    const models = () => [
      model('there.bin'),
      model('sub/new.bin'),
      model('big.bin', { alternatives: ['there.bin'] }),
      model('unknown.bin', { url: undefined }),
    ];
    await setup(models());
    expect(readFileSync(join(folder, 'checkpoints/sub/new.bin')).equals(content)).toBe(true);
    expect(gets().length).toBe(1);
    await setup(models());
    expect(gets().length).toBe(1);
  });

  test('looks at the disk first', async () => {
    await expect(setup([model('huge.bin', { bytes: 1e18 })])).rejects.toThrow(/free.*Free up space/);
    expect(seen).toEqual([]);
  });

  test('never leaves its folder', async () => {
    await expect(setup([model('../../evil.bin')])).rejects.toThrow('outside');
    await expect(setup([model('x', { folder: '/etc' })])).rejects.toThrow('outside');
  });

  test('does nothing without a yes', async () => {
    await expect(setup([model('x.bin')], false)).rejects.toThrow('--yes');
    expect(seen).toEqual([]);
  });

  test.each([
    [['nothing'], {}, /Unknown workflow "nothing".*sdxl/],
    [['sdxl'], {}, /--models/],
    [['sdxl'], { COMFYUI_MODELS: '/no/such/folder' }, /\/no\/such\/folder does not exist/],
  ])('%j ends in one line', async (names, env, reason) => {
    const args = ['miner', 'setup', ...names];
    const models = names[0] === 'nothing' ? ['--models', folder] : [];
    const { code, stderr } = await runCli([...args, ...models], { cwd: folder, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(reason);
    expect(stderr.trim().split('\n').length).toBe(1);
  });
});
