// Wrong values and full, missing or foreign files: one line that names the value and how to fix it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'line-'));
const proxy = createServer((_, response) => {
  response.writeHead(403, { 'content-type': 'text/html' });
  response.end('<!DOCTYPE html>\n<html><head><title>Access\n denied</title></head><body><p>Go away</p></body></html>');
});
let proxyUrl = '';
beforeAll(async () => {
  proxyUrl = await listen(proxy, 0, '127.0.0.1');
  const gray = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
  writeFileSync(join(cwd, 'photo.jpg'), await gray.jpeg().toBuffer());
  writeFileSync(join(cwd, 'photo.avif'), await gray.avif().toBuffer());
  writeFileSync(join(cwd, 'file'), 'x');
  mkdirSync(join(cwd, 'folder'));
  mkdirSync(join(cwd, 'broken'));
  // what PGlite says of it has no message
  writeFileSync(join(cwd, 'broken/postgres'), '');
});
afterAll(() => {
  proxy.close();
  rmSync(cwd, { recursive: true, force: true });
});

const create = (file: string) => ['workflow', 'create', file, '--name', 'my-flow'];
const key = ['keys', '--key', 'a#b', 'create', 'consumer', 'me'];
const run = ['run', 'upscaler', '--image', 'x.png'];
const miner = ['miner', '--sequencer', 'http://127.0.0.1:9', '--key', 'a#b', '--comfyui', 'http://127.0.0.1:9'];

test.each<[string[], RegExp]>([
  [['dev', '--port', '99999'], /--port <number>' argument '99999' is invalid\. It must be from 0 to 65535/],
  [['sequencer', '--port', '65536'], /'65536' is invalid\. It must be from 0 to 65535/],
  [['sequencer', '--port', '-1'], /'-1' is invalid\. It must be from 0/],
  [['sequencer', '--lease-seconds', '0'], /'0' is invalid\. It must be from 1 to 3600/],
  [['sequencer', '--retention-days', '99999'], /'99999' is invalid\. It must be from 0 to 36500/],
  [[...miner, '--status-port', '70000'], /'70000' is invalid/],
  [[...miner, '--stall-seconds', '0'], /'0' is invalid\. It must be from 1/],
  [[...miner, '--prefetch', '1.5'], /"1\.5" is not a whole number/],
  [[...key, '--max-open-tasks', '0'], /'0' is invalid\. It must be from 1 to 1000000/],
  [[...key, '--max-tasks-per-minute', '1000001'], /'1000001' is invalid/],
  [[...run, '--timeout', '0'], /'0' is invalid\. It must be from 1/],
  [create('photo.jpg'), /"photo\.jpg" is a JPEG, which carries no graph.*Export/],
  [create('photo.avif'), /"photo\.avif" is neither JSON nor a PNG or WebP/],
  [create('folder'), /"folder" is a folder\. Pass the file of a graph/],
  [create('none.json'), /cannot be read \(ENOENT\)/],
  [[...run, '--out', 'file'], /--out "file" \(a file is in the way\)/],
  [[...run, '--out', 'file/below'], /--out "file\/below" \(a file is in the way\)/],
  [[...run, '--out', '/proc/nowhere'], /--out "\/proc\/nowhere" \(\w.*Choose a folder/],
  [['sequencer', '--data-dir', 'broken'], /database in broken cannot be opened \(E[A-Z]+\)\. Check/],
  [['sequencer', '--data-dir', 'file'], /data folder file cannot be locked \(E/],
])('%j', async (args, message) => {
  const { code, stdout, stderr } = await runCli(args, { cwd });
  const [line = '', hint = ''] = stderr.trimEnd().split('\n');
  expect([code, stdout, line]).toEqual([1, '', expect.stringMatching(/^error: [\x20-\x7e]+$/)]);
  expect(line).toMatch(message);
  expect(hint).toMatch(/^(\(--help.*\))?$/);
});

test("a proxy's page is one sentence", async () => {
  const env = { HEURIST_WORKFLOW_URL: proxyUrl, HEURIST_API_KEY: 'a#b' };
  const { code, stderr } = await runCli(['status'], { cwd, env });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: A web page came back with status 403 \("Access denied"\).*address.*\.\n$/),
  ]);
}, 60_000);
