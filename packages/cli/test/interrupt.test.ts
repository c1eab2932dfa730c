// Ctrl-C and SIGTERM, sent to a process of its own at each step of `run`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'interrupt-'));
/** Paths that get no answer. */
let hanging: string[] = [];
let asked: string[] = [];
let env: Record<string, string>;

const server = createServer((request, response) => {
  const path = request.url!.split('?')[0]!;
  asked.push(path);
  request.resume();
  if (!hanging.includes(path)) answer(path, response);
});

function answer(path: string, response: ServerResponse): void {
  const send = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const { HEURIST_WORKFLOW_URL: url } = env;
  const output = { url: `${url}/picture`, content_type: 'image/png', filename: 'a.png', kind: 'image', sha256: '' };
  if (path === '/task_create') send(200, { task_id: 'abcdefgh' });
  else if (path === '/task_cancel') send(200, { task_id: 'abcdefgh', msg: 'canceled' });
  else if (path === '/file_create') send(200, { url: `${url}/file`, upload_url: `${url}/put`, upload_headers: {} });
  else if (path === '/task_result_query')
    send(200, { task_id: 'abcdefgh', status: 'finished', result: output.url, outputs: [output] });
  else if (path === '/put') response.writeHead(200).end();
  else send(404, { code: 'not_found', message: 'no such call' });
}

beforeAll(async () => {
  const url = await listen(server, 0, '127.0.0.1');
  env = { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: 'a#b' };
  const gray = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
  writeFileSync(join(cwd, 'a.png'), await gray.png().toBuffer());
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** Starts a task and waits until it hangs at a call. */
async function startUntil(path: string, ...more: string[]) {
  hanging = [path, '/task_events', ...more];
  const command = startCli(['run', 'upscaler', '--image', 'a.png'], { cwd, env });
  await expect.poll(() => asked, { timeout: 20_000 }).toContain(path);
  return command;
}

test.each<[NodeJS.Signals, number, string, RegExp]>([
  ['SIGINT', 130, '/task_result_query', /^Canceled\. Task abcdefgh was canceled on the network\.$/m],
  ['SIGTERM', 143, '/task_result_query', /^Canceled\. Task abcdefgh was canceled on the network\.$/m],
  ['SIGINT', 130, '/put', /^Canceled before a task was submitted\.$/m],
  ['SIGTERM', 143, '/task_create', /^Canceled while the task was being submitted: if it reached the network/m],
  ['SIGINT', 130, '/picture', /^Canceled\. The task has finished, but upscaler-abcdefgh\.png was not saved\.$/m],
])('%s: %i, %s', async (signal, exitCode, path, message) => {
  const { child, ended } = await startUntil(path);
  child.kill(signal);
  const { code, stdout, stderr } = await ended;
  expect([code, stdout, stderr]).toEqual([exitCode, '', expect.stringMatching(message)]);
  expect(stderr).not.toMatch(/error|^ +at /m);
  expect(asked.includes('/task_cancel')).toBe(path === '/task_result_query');
});

test('a submit that was cut off is found on the network, and canceled', async () => {
  const { child, ended } = await startUntil('/task_create');
  hanging = [];
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([
    130,
    expect.stringMatching(/^Canceled\. Task abcdefgh was canceled on the network\.$/m),
  ]);
  expect(asked.filter((path) => path !== '/task_events').slice(-2)).toEqual(['/task_create', '/task_cancel']);
});

test.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a second one, %s, ends at once, though the network does not answer', async (signal, exitCode) => {
  const { child, ended, output } = await startUntil('/task_result_query', '/task_cancel');
  child.kill('SIGINT');
  await expect.poll(() => output.stderr, { timeout: 20_000 }).toContain('press Ctrl-C again to stop now');
  const start = performance.now();
  child.kill(signal);
  expect((await ended).code).toBe(exitCode);
  // unasked, it would wait for a minute
  expect(performance.now() - start).toBeLessThan(10_000);
});
