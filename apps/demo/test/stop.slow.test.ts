// Ctrl-C, as a person presses it: the demo says for how long it waits, keeps to it, and ends at once with a second one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startScript } from '@heurist/test-servers/commands';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { afterAll, expect, test } from 'vitest';
import { noise } from './visitor.ts';

const main = resolve(import.meta.dirname, '../server/main.ts');
const cwd = mkdtempSync(join(tmpdir(), 'stop-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The demo on a network of its own, with an upscale that takes far longer than it may when it is stopped. */
async function startBusy(dataDir: string) {
  await prepareDataFolder(join(cwd, dataDir));
  const demo = startScript(main, [], { cwd, env: { PORT: '0', DATA_DIR: dataDir } });
  await demo.says('Press Ctrl-C to stop.');
  const [, url] = /Heurist Studio: (\S+)/.exec(demo.output.stdout)!;
  const call = async (path: string, init: RequestInit) => {
    const reply = await fetch(`${url}/api/${path}`, init);
    return (await reply.json()) as { url: string; task_id: string; status: string };
  };
  const body = new Uint8Array(await noise(512));
  const { url: image } = await call('files', { method: 'POST', headers: { 'content-type': 'image/png' }, body });
  const task = {
    family: 'upscaler',
    workflow_id: 'upscaler',
    options: { image_url: { url: image, name: 'noise.png' } },
    job_id: `stop-${dataDir}`,
  };
  const headers = { 'content-type': 'application/json' };
  const { task_id } = await call('tasks', { method: 'POST', headers, body: JSON.stringify(task) });
  await expect.poll(async () => (await call(`tasks/${task_id}`, {})).status, { timeout: 30_000 }).toBe('running');
  return demo;
}

const PROMISE =
  'Stopping within 15 s: the running task has 10 s to finish, else it runs again at the next start. Press Ctrl-C again to stop at once.';

test('while a task runs it says that it stops within 15 s, and does', async () => {
  const { child, says, ended } = await startBusy('one');
  child.kill('SIGINT');
  await says(PROMISE);
  // the limit of this wait is the promise
  const late = AbortSignal.timeout(15_000);
  const end = await Promise.race([
    ended,
    new Promise((resolve) => late.addEventListener('abort', () => resolve('late'))),
  ]);
  expect(end).toMatchObject({ stdout: expect.stringContaining(PROMISE) });
}, 90_000);

test('a second Ctrl-C ends it at once', async () => {
  const { child, says, ended } = await startBusy('two');
  child.kill('SIGINT');
  await says(PROMISE);
  child.kill('SIGINT');
  await ended;
  // the signal itself has ended it, before it would have by itself
  expect(child.signalCode).toBe('SIGINT');
}, 90_000);
