// Wrong values and full, missing or foreign files: one line that names the value and how to fix it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import { runHere } from '@heurist/test-servers/commands';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { status } from '../src/commands/status.ts';
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
  mkdirSync(join(cwd, 'damaged'));
  writeFileSync(join(cwd, 'damaged/credentials.json'), '{');
  const save = {
    a: { class_type: 'LoadImage', inputs: { image: 'x.png' } },
    b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'x' } },
  };
  writeFileSync(join(cwd, 'graph.json'), JSON.stringify(save));
  mkdirSync(join(cwd, 'with-env/.env'), { recursive: true });
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
  [[...key, '--expires', '2027-02-30'], /'2027-02-30' is invalid\. It must be a date/],
  [[...key, '--expires', '2027-04-31T12:00Z'], /'2027-04-31T12:00Z' is invalid\. It must be a date/],
  [['keys', '--key', 'a#ü✓', 'list'], /HEURIST_OPERATOR_KEY does not hold a key of the form NAME#SECRET/],
  [[...run, '--timeout', '0'], /'0' is invalid\. It must be from 1/],
  [create('photo.jpg'), /"photo\.jpg" contains no graph: it is a JPEG image without metadata\..*Export/],
  [create('photo.avif'), /"photo\.avif" contains no graph: it is an AVIF image without/],
  [create('folder'), /"folder" is a folder\. Pass the file of a graph/],
  [create('none.json'), /cannot be read \(ENOENT\)/],
  [[...run, '--out', 'file'], /--out "file" \(a file is in the way\)/],
  [[...run, '--out', 'file/below'], /--out "file\/below" \(a file is in the way\)/],
  [[...run, '--out', '/proc/nowhere'], /--out "\/proc\/nowhere" \(\w.*Choose a folder/],
  [['sequencer', '--data-dir', 'broken'], /database in broken cannot be opened \(E[A-Z]+\)\. Check/],
  [['sequencer', '--data-dir', 'file'], /cannot be saved in --data-dir "file" \(a file is in the way\)/],
  [['sequencer', '--data-dir', ''], /--data-dir is empty/],
  [['sequencer', '--data-dir', '/proc/nowhere'], /--data-dir "\/proc\/nowhere" \(\w/],
  [['sequencer', '--artifacts', '/proc/nowhere', '--data-dir', 'data'], /Files cannot be saved in --artifacts "\/proc/],
  [['sequencer', '--artifacts', 'file', '--data-dir', 'data'], /--artifacts "file" \(a file is in the way\)/],
  [
    ['sequencer', '--database', 'mysql://me:hush@host/x', '--data-dir', 'data'],
    /must be a postgres:\/\/ address \(got mysql:\/\/\.\.\.\)/,
  ],
  [['sequencer', '--host', ''], /'' is invalid\. It must not be empty/],
  [
    ['sequencer', '--public-url', 'tasks.example.com'],
    /'tasks\.example\.com' is invalid\. It must be an http\(s\) address/,
  ],
  [[...create('graph.json'), '--out', 'file'], /The package cannot be saved in --out "file" \(a file is in the way\)/],
  [[...create('graph.json'), '--out', '/proc/nowhere'], /--out "\/proc\/nowhere" \(\w/],
  [
    ['workflow', 'check', 'graph.json', '--comfyui', 'nonsense'],
    /'nonsense' is invalid\. It must be an http\(s\) address/,
  ],
  [['workflow', 'check', 'graph.json', '--comfyui', '127.0.0.1:8188'], /such as http:\/\/127\.0\.0\.1:8188\./],
  [['workflow', 'check', 'graph.json', '--comfyui', ''], /It must not be empty/],
  [
    ['miner', 'check', '--comfyui', 'localhost:8188'],
    /'localhost:8188' is invalid\. It must be an http\(s\) address that begins with .*such as http:\/\/localhost:8188\./,
  ],
  [['miner', 'check', '--comfyui', ''], /No ComfyUI address\. Pass --comfyui/],
  [['miner', '--sequencer', 'http://127.0.0.1:9', '--key', 'a#b', '--comfyui', ','], /No network, or no ComfyUI/],
  [
    [...miner, '--key', 'secret'],
    /^error: HEURIST_MINER_KEY does not hold a key of the form NAME#SECRET\. In a \.env file, put it in quotes/,
  ],
  [
    [...miner.filter((arg) => !['--key', 'a#b'].includes(arg)), '--key-file', 'file'],
    /The key file file does not hold a key/,
  ],
  [[...miner, '--allow-raw-graphs', 'folder'], /--allow-raw-graphs "folder" is a folder/],
  [[...miner, '--status-host', ''], /It must not be empty/],
  [['miner', 'setup', 'sdxl', '--models', 'file'], /file is a file\. Pass the "models" folder/],
  [['keys', '--key', 'secret', 'list'], /HEURIST_OPERATOR_KEY does not hold a key/],
  [['keys', '--sequencer', '', '--key', 'a#b', 'list'], /Pass --sequencer/],
  [['keys', '--data-dir', 'damaged', 'list'], /The keys in damaged\/credentials\.json cannot be read \(not JSON\)/],
  [['run', 'upscaler', '--image', 'ftp://host/x.png'], /--image "ftp:\/\/host\/x\.png" is not an http\(s\) address/],
  [['run', 'upscaler', '--image', 'http://'], /--image "http:\/\/" is not an http\(s\) address/],
  [[...run, '--out', ''], /--out is empty/],
  [['help', 'nope'], /^error: unknown command 'nope'/],
  [['help', 'keys', 'nope'], /^error: unknown command 'nope'/],
  [['run', '--workflow-id', 'sdxl'], /the workflow comes before its options \(got "--workflow-id"\)/],
  [['run', 'text2image', '--prompt', 'a', 'red', 'fox'], /too many arguments for 'text2image'.*got 2: red, fox/],
  [['--workflow', '', 'workflows'], /has no name\. Pass --workflow NAME/],
  [
    ['run', 'text2image', '--workflow-id', 'sdxl', '--prompt', '', '--workflow-id', 'tiny'],
    /--prompt must not be empty/,
  ],
])('%j', async (args, message) => {
  const { code, stdout, stderr } = await runCli(args, { cwd });
  const [line = '', hint = ''] = stderr.trimEnd().split('\n');
  expect([code, stdout, line]).toEqual([1, '', expect.stringMatching(/^error: [\x20-\x7e]+$/)]);
  expect(line).toMatch(message);
  expect(hint).toMatch(/^(\(.*--help lists.*\))?$/);
});

test("a proxy's page is one sentence", async () => {
  const env = { HEURIST_WORKFLOW_URL: proxyUrl, HEURIST_API_KEY: 'a#b' };
  const { code, stderr } = await runCli(['status'], { cwd, env });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: A web page came back with status 403 \("Access denied"\).*address.*\.\n$/),
  ]);
}, 60_000);

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a key that lost its second half, as in a .env without quotes',
    { HEURIST_API_KEY: 'local' },
    /HEURIST_API_KEY does not hold a key of the form NAME#SECRET.*quotes/,
  ],
  ['a proxy that is none', { HTTP_PROXY: 'nonsense' }, /HTTP_PROXY or HTTPS_PROXY is not the address of a proxy/],
  [
    'an address without a scheme',
    { HEURIST_WORKFLOW_URL: '127.0.0.1:8787' },
    /HEURIST_WORKFLOW_URL "127\.0\.0\.1:8787" is not an http/,
  ],
])('the environment: %s', async (_, env, message) => {
  const whole = { HEURIST_WORKFLOW_URL: 'http://127.0.0.1:9', HEURIST_API_KEY: 'a#b', ...env };
  const { code, stderr } = await runCli(['status'], { cwd, env: whole });
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
});

test('a .env that is a folder', async () => {
  const { code, stderr } = await runCli(['workflows'], { cwd: join(cwd, 'with-env') });
  expect([code, stderr]).toEqual([1, 'error: .env is a folder here. Rename it, or start the command elsewhere.\n']);
});

test('what answers for a ComfyUI is a web page', async () => {
  const page = createServer((_, response) => response.end('<!DOCTYPE html><p>Welcome</p>'));
  const url = await listen(page, 0, '127.0.0.1');
  const { code, stderr } = await runCli(['miner', 'check', '--comfyui', url], { cwd });
  page.close();
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: What answers at \S+ is not JSON\. Check that.*ComfyUI\.\n$/),
  ]);
}, 60_000);

test.each([[['help', 'keys', 'create']], [['keys', 'help', 'create']]])('%j is its help', async (args) => {
  const { code, stdout } = await runCli(args, { cwd });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: heurist keys create/)]);
});

test.each([[['run', 'help', 'text2image']], [['help', 'run', 'text2image']]])('%j is its help', async (args) => {
  const { code, stdout } = await runCli(args, { cwd });
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^Usage: heurist run text2image .*Options and defaults of sdxl/s),
  ]);
});

test('a sequencer that never answers is given up, retries included', async () => {
  const silent = createServer(() => {});
  const url = await listen(silent, 0, '127.0.0.1');
  const env = { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: 'a#b' };
  const ask = async () => {
    await expect(status({}, 200)).rejects.toThrow(`The sequencer at ${url} did not answer in time. Try again later.`);
    return 0;
  };
  await runHere(ask, { cwd, env });
  silent.closeAllConnections();
  silent.close();
});
