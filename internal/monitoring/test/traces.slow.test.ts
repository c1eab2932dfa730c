// Processes with OpenTelemetry's own instrumentations, which send to a receiver on this machine.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import { type Ended, startScript } from '@heurist/test-servers/commands';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOtlpReceiver } from '../src/otlp-receiver.ts';

const main = join(import.meta.dirname, '../../../packages/cli/src/main.ts');
const cwd = mkdtempSync(join(tmpdir(), 'traces-'));
const NODE_OPTIONS = `--import=${join(import.meta.dirname, '../src/instrument.ts')}`;

let postgres: TestServer;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let sequencer: ReturnType<typeof startScript>;
let url: string;
let keys: { consumer: string; miner: string; operator: string };
beforeAll(async () => {
  postgres = await startPostgres();
  receiver = await startOtlpReceiver();
  const args = ['sequencer', '--port', '0', '--data-dir', 'data', '--database', await postgres.createDatabase()];
  const env = { NODE_OPTIONS, TRACES_URL: receiver.url, TRACES_DELAY_MS: '500' };
  sequencer = startScript(main, args, { cwd, env });
  await sequencer.says('Miners:');
  url = /Sequencer at (\S+)/.exec(sequencer.output.stdout)?.[1] ?? '';
  keys = JSON.parse(readFileSync(join(cwd, 'data/credentials.json'), 'utf8'));
}, 120_000);
afterAll(async () => {
  sequencer?.child.kill('SIGTERM');
  await sequencer?.ended;
  await receiver?.stop();
  await postgres?.stop();
  rmSync(cwd, { recursive: true, force: true });
});

const call = (name: string, key: string, body: object) =>
  fetch(`${url}/${name}`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(body) });

test('an idle network exports nothing, whoever asks; a task is exported', async () => {
  // what the start has made
  await sleep(1500);
  receiver.bodies.splice(0);
  const end = Date.now() + 6000;
  while (Date.now() < end) {
    const authorization = `Bearer ${keys.operator}`;
    for (const path of ['healthz', 'readyz', 'metrics']) await fetch(`${url}/${path}`, { headers: { authorization } });
    await call('miner_request', keys.miner, { workflow_ids: ['upscaler'], wait_seconds: 0 });
    await call('miner_heartbeat', keys.miner, { lease_id: 'none' });
    await sleep(100);
  }
  await sleep(1000);
  expect([receiver.names, receiver.bodies.join('').length]).toEqual([[], 0]);
  const parameters = { image: 'https://example.com/x.png' };
  const created = await call('task_create', keys.consumer, { task_type: 'upscaler', task_details: { parameters } });
  expect([created.status, await created.text()]).toEqual([200, expect.any(String)]);
  await call('miner_request', keys.miner, { workflow_ids: ['upscaler'] });
  const names = expect.arrayContaining(['POST', 'submit task', 'wait for miner']);
  await expect.poll(() => receiver.names, { timeout: 10_000 }).toEqual(names);
  expect(receiver.names.some((name) => name.startsWith('pg'))).toBe(true);
});

test('a short command sends its traces before it ends', async () => {
  const own = await startOtlpReceiver();
  const env = { NODE_OPTIONS, TRACES_URL: own.url, HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: keys.consumer };
  const ended: Ended = await startScript(main, ['status'], { cwd, env }).ended;
  expect([ended.code, own.names]).toEqual([0, expect.arrayContaining(['POST'])]);
  await own.stop();
});

test('a receiver that is away keeps no command', async () => {
  const env = {
    NODE_OPTIONS,
    TRACES_URL: 'http://127.0.0.1:9/',
    HEURIST_WORKFLOW_URL: url,
    HEURIST_API_KEY: keys.consumer,
  };
  const start = Date.now();
  expect((await startScript(main, ['status'], { cwd, env }).ended).code).toBe(0);
  expect(Date.now() - start).toBeLessThan(20_000);
});
