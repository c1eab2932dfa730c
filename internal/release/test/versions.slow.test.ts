// This version and the one before it, at work on the same network: while it is updated, and after it was rolled back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '@heurist/test-servers/free-port';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { Clone } from '../src/clone.ts';
import { hasPrevious, PREVIOUS } from '../src/previous.ts';
import { type Registry, startRegistry } from '../src/registry.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'versions-'));
type Version = 'before' | 'now';
const VERSIONS: Version[] = ['before', 'now'];

/** How the command of each version is called. */
const commands: Record<Version, string[]> = {
  before: ['node', 'node_modules/@heurist/cli/dist/main.js'],
  now: ['node', '--conditions=@heurist/source', join(root, 'packages/cli/src/main.ts')],
};

let registry: Registry;
let postgres: TestServer;
/** Where the version before is installed; this version runs there, too. */
let app: App;
let ports: Record<Version, number>;
let comfyui: string;
const running: Record<string, { stop(): Promise<void> }> = {};

beforeAll(async () => {
  registry = await startRegistry(folder);
  const clone = await Clone.create(root, join(folder, 'clone'), PREVIOUS);
  await clone.publish(clone.packages(), registry);
  clone.remove();
  app = new App(join(folder, 'app'), registry);
  await app.line('npm install @heurist/cli');
  postgres = await startPostgres();
  app.set({ DATABASE_URL: await postgres.createDatabase(), HEURIST_ARTIFACTS: join(folder, 'files') });
  ports = { before: await freePort(), now: await freePort() };
  const dev = ['--conditions=@heurist/source', join(root, 'packages/dev/src/main.ts'), '--json', '--port', '0'];
  const printed = await app.start('}\n', 'node', ...dev, '--data-dir', join(folder, 'dev'));
  comfyui = JSON.parse(printed.slice(printed.indexOf('{'))).comfyuiUrl;
}, 600_000);

afterAll(async () => {
  await app?.stop();
  await postgres?.stop();
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const urlOf = (version: Version) => `http://127.0.0.1:${ports[version]}`;

async function startSequencer(version: Version): Promise<void> {
  const args = ['sequencer', '--port', `${ports[version]}`, '--data-dir', join(folder, 'data')];
  running[`sequencer ${version}`] = await app.begin(urlOf(version), ...split(commands[version], args));
}

async function startMiner(version: Version, at: Version): Promise<void> {
  const args = [
    'miner',
    '--sequencer',
    urlOf(at),
    '--comfyui',
    comfyui,
    '--data-dir',
    join(folder, `miner-${version}`),
  ];
  running[`miner ${version}`] = await app.begin('tiny', ...split(commands[version], args));
}

async function stop(name: string): Promise<void> {
  await running[name]!.stop();
  delete running[name];
}

function split([command = '', ...first]: string[], args: string[]): [string, ...string[]] {
  return [command, ...first, ...args];
}

/** Draws an apple with the command of one version, at the sequencer of one version. */
async function draw(version: Version, at: Version): Promise<void> {
  app.set({ HEURIST_WORKFLOW_URL: urlOf(at) });
  const out = join(folder, `results-${version}-${at}`);
  const saved = await app.run(...split(commands[version], ['run', 'tiny', '--prompt', 'apple', '--out', out]));
  expect(saved).toMatch(/\.png\n$/);
}

/** A call without any client of ours. */
async function call(at: Version, name: string, body: object) {
  const { consumer } = credentials();
  const headers = { authorization: `Bearer ${consumer}`, 'content-type': 'application/json' };
  const response = await fetch(`${urlOf(at)}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as { task_id: string; status?: string };
}

const credentials = (): Record<'consumer' | 'miner' | 'operator', string> =>
  JSON.parse(app.read(join('..', 'data', 'credentials.json')));

describe.skipIf(!hasPrevious(root))('this version and the one before (skipped in a shallow clone)', () => {
  test('the version before works by itself', async () => {
    await startSequencer('before');
    const { consumer, miner, operator } = credentials();
    app.set({ HEURIST_API_KEY: consumer, HEURIST_MINER_KEY: miner, HEURIST_OPERATOR_KEY: operator });
    await startMiner('before', 'before');
    await draw('before', 'before');
  }, 60_000);

  test('a client of this version works with it', async () => {
    await draw('now', 'before');
  }, 60_000);

  test('a sequencer of this version joins; miners of the version before serve both, clients find either', async () => {
    await startSequencer('now');
    for (const client of VERSIONS) for (const at of VERSIONS) await draw(client, at);
  }, 120_000);

  test('a miner of this version serves both, through the sequencer of the version before', async () => {
    await stop('miner before');
    await startMiner('now', 'before');
    for (const client of VERSIONS) for (const at of VERSIONS) await draw(client, at);
  }, 120_000);

  test('with the last sequencer replaced, miners of the version before go on, and then those of this one', async () => {
    await stop('miner now');
    await stop('sequencer before');
    await startMiner('before', 'now');
    await draw('before', 'now');
    await stop('miner before');
    await startMiner('now', 'now');
    await draw('before', 'now');
    await stop('miner now');
  }, 120_000);

  test('a rollback: the version before starts on what this one left, and has its open tasks', async () => {
    const { task_id } = await call('now', 'task_create', {
      task_type: 'txt2img',
      workflow_id: 'tiny',
      task_details: { parameters: { prompt: 'apple' } },
    });
    await stop('sequencer now');
    await startSequencer('before');
    await startMiner('before', 'before');
    await expect
      .poll(() => call('before', 'task_result_query', { task_id }), { timeout: 60_000 })
      .toMatchObject({ status: 'finished' });
    await draw('now', 'before');
  }, 120_000);
});
