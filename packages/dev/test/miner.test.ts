import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '@heurist/engine';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { definitions } from '@heurist/upscaler/definition';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'miner-'));
let engine: Engine;
let sequencer: Sequencer;
let url: string;
let key: string;
beforeAll(async () => {
  engine = await createEngine({ dataDir: join(folder, 'engine') });
  sequencer = await createSequencer({
    database: await openDatabase(await prepareDataFolder(join(folder, 'database'))),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: definitions,
  });
  url = await sequencer.listen();
  key = await sequencer.createKey('miner', 'rig');
});
afterAll(async () => {
  await sequencer.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test('runs as a service: key from a file, status over HTTP, an end on SIGTERM, no secret in the log', async () => {
  writeFileSync(join(folder, 'key'), `${key}\n`, { mode: 0o600 });
  const args = ['miner', '--sequencer', url, '--comfyui', engine.url, '--status-port', '0', '--log-format', 'json'];
  const env = { HEURIST_MINER_KEY_FILE: join(folder, 'key'), HEURIST_DATA_DIR: join(folder, 'data') };
  const miner = startCli(args, { cwd: folder, env });
  await miner.says('Miner ready');
  const address = miner.output.stdout.match(/Status at (\S+)\/healthz/)?.[1] ?? '';
  const health = await fetch(`${address}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ miners: [{ comfyui: engine.url, state: 'idle', running: 0 }] });
  const metrics = await (await fetch(`${address}/metrics`)).text();
  expect(metrics).toContain(`heurist_miner_state{comfyui="${engine.url}",state="idle"} 1`);
  expect(metrics).toMatch(/^# TYPE heurist_miner_finished_total counter$/m);
  expect((await fetch(`${address}/other`)).status).toBe(404);
  expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(405);
  miner.child.kill('SIGTERM');
  const { code, stdout, stderr } = await miner.ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain(key.split('#')[1]);
});

test.each(['text', 'json'])('what it cannot run is one table, or one line of %s', async (format) => {
  const args = ['miner', '--sequencer', url, '--comfyui', engine.url, '--key', key, '--log-format', format];
  const miner = startCli(args, { cwd: folder, env: { HEURIST_DATA_DIR: join(folder, format) } });
  await miner.says('Miner ready');
  miner.child.kill('SIGTERM');
  const { stderr } = await miner.ended;
  const lines = stderr.split('\n');
  const begin = lines.findIndex((line) => line.startsWith('cannot run'));
  if (format === 'json') {
    const { lacks } = lines.flatMap((line) => (line.includes('cannot run some') ? JSON.parse(line) : []))[0];
    expect(lacks['flux-lora'] ?? lacks['1']).toMatchObject({ models: expect.any(Array), nodes: expect.any(Array) });
    expect(begin).toBe(-1);
  } else {
    const end = lines.findIndex((line) => line.includes('says where to get them.'));
    const rows = lines.slice(begin + 1, end);
    expect(lines[begin]).toMatch(/^cannot run +missing nodes +missing models$/);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => row.length > 180 || row.includes('https://'))).toEqual([]);
    expect(lines[end]).toContain(`miner check --comfyui ${engine.url}`);
  }
  expect(stderr.length).toBeLessThan(6000);
});

describe('what is wrong ends in one line', () => {
  const flags = ['miner', '--sequencer', 'http://127.0.0.1:9', '--comfyui', 'http://127.0.0.1:9'];
  test.each<[string, string[], RegExp]>([
    ['no key', flags, /No miner key.*HEURIST_MINER_KEY.*--key-file/],
    ['a key file that is not there', [...flags, '--key-file', '/no/such/file'], /cannot be read \(ENOENT\)/],
    ['no ComfyUI there', [...flags, '--key', 'a#b'], /http:\/\/127\.0\.0\.1:9/],
    ['a wallet that is none', [...flags, '--legacy', '--erc20-address', '0x1'], /"0x1" is not a wallet address/],
    ['no wallet', [...flags, '--legacy'], /--erc20-address is missing/],
    ['another word for the stop', [...flags, '--on-stop', 'explode'], /finish, give-back/],
  ])('%s', async (_, args, reason) => {
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain('    at ');
  });
});
