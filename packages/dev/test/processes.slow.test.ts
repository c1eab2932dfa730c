// The commands that go on until they are stopped, as processes of their own.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startCli, startDev } from './run-cli.ts';

/** Of the pages of an app. */
const ORIGIN = 'http://localhost:3000';
const cwd = mkdtempSync(join(tmpdir(), 'processes-'));
let dev: ReturnType<typeof startDev>;
let ready: { url: string; apiKey: string; comfyuiUrl: string; workflows: string[] };
let env: Record<string, string>;

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 1, g: 2, b: 3 } } })
    .png()
    .toBuffer();

beforeAll(async () => {
  writeFileSync(join(cwd, 'photo.png'), await picture(20, 12));
  for (const name of ['data', 'data3']) await prepareDataFolder(join(cwd, name));
  dev = startDev(['--json', '--port', '0', '--data-dir', 'data', '--cors-origin', ORIGIN], { cwd });
  await dev.says('\n');
  ready = JSON.parse(dev.output.stdout);
  env = { HEURIST_WORKFLOW_URL: ready.url, HEURIST_API_KEY: ready.apiKey };
});
afterAll(async () => {
  dev.child.kill('SIGTERM');
  await dev.ended;
  rmSync(cwd, { recursive: true, force: true });
});

test('the network says in one line that it is ready', () => {
  expect(dev.output.stdout.trim().split('\n')).toHaveLength(1);
  expect(ready).toMatchObject({
    url: expect.stringContaining('http://127.0.0.1:'),
    workflows: ['tiny', 'tiny-img2img', 'tiny-inpaint', 'upscaler'],
  });
});

test('pages of the origin that it was told may call it, and no others', async () => {
  const allowed = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const reply = await fetch(`${ready.url}/task_create`, { method: 'OPTIONS', headers });
    return reply.headers.get('access-control-allow-origin');
  };
  expect(await allowed(ORIGIN)).toBe(ORIGIN);
  expect(await allowed('http://localhost:3001')).toBeNull();
  const wrong = await runCli(['dev', '--port', '0', '--data-dir', 'data4', '--cors-origin', 'localhost:3000'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/error: "localhost:3000" is not an exact origin/),
  ]);
});

test('Ctrl-C cancels the task', async () => {
  writeFileSync(join(cwd, 'slow.png'), await picture(320, 240));
  const slow = startCli(['run', 'upscaler', '--image', 'slow.png'], { cwd, env });
  await expect.poll(() => slow.output.stderr, { timeout: 20_000 }).toContain('ImageUpscaleWithModel');
  slow.child.kill('SIGINT');
  const { code, stderr } = await slow.ended;
  const [, task_id = ''] = /^Canceled\. Task (\S+) was canceled on the network\.\n$/m.exec(stderr) ?? [];
  expect([code, task_id]).toEqual([130, expect.stringMatching(/.../)]);
  const heurist = new Heurist({ workflowURL: ready.url, apiKey: ready.apiKey });
  expect(await heurist.workflow.queryTaskResult(task_id)).toMatchObject({ status: 'canceled' });
  expect((await runCli(['run', 'upscaler', '--image', 'photo.png'], { cwd, env })).code).toBe(0);
});

test('a data folder in use, and a port that is taken', async () => {
  const same = await runCli(['dev', '--port', '0', '--data-dir', 'data'], { cwd });
  expect([same.code, same.stderr]).toEqual([1, expect.stringContaining('in use by process')]);
  const port = new URL(ready.url).port;
  const taken = await runCli(['dev', '--port', port, '--data-dir', 'data2'], { cwd });
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining(`Port ${port} is`)]);
});

test('sequencer and miner as processes of their own', async () => {
  const sequencer = startCli(['sequencer', '--port', '0', '--data-dir', 'data3'], { cwd });
  await sequencer.says('--comfyui');
  const { stdout } = sequencer.output;
  const [, url = ''] = /Sequencer at (\S+)/.exec(stdout) ?? [];
  const keys = JSON.parse(readFileSync(join(cwd, 'data3/credentials.json'), 'utf8'));
  expect(stdout + sequencer.output.stderr).not.toContain(keys.consumer.split('#')[1]);
  const engineUrl = ready.comfyuiUrl;

  const without = await runCli(['miner', '--sequencer', url, '--comfyui', engineUrl], { cwd });
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('HEURIST_MINER_KEY')]);
  const wrong = await runCli(['miner', '--sequencer', url, '--comfyui', engineUrl, '--key', 'local#wrong'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/rejected the key.*HEURIST_MINER_KEY/)]);
  const away = 'http://127.0.0.1:9';
  const miner = startCli(['miner', '--sequencer', url, '--comfyui', engineUrl, '--comfyui', away], {
    cwd,
    env: { HEURIST_MINER_KEY: keys.miner },
  });
  await miner.says('Miner ready');
  await expect
    .poll(() => miner.output.stderr, { timeout: 20_000 })
    .toMatch(new RegExp(`skipped for now comfyui=${away}`));
  const options = { cwd, env: { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: keys.consumer } };
  expect((await runCli(['run', 'upscaler', '--image', 'photo.png', '--out', 'out-own'], options)).code).toBe(0);

  miner.child.kill('SIGTERM');
  sequencer.child.kill('SIGTERM');
  expect([(await miner.ended).code, (await sequencer.ended).code]).toEqual([0, 0]);
});
