// A whole network whose servers have certificates of an authority of one's own: the storage, the sequencer, ComfyUI and the receiver of
// webhooks. Each program trusts it by NODE_EXTRA_CA_CERTS, and says so if the variable is missing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import { createCertificate, type TestCertificate } from '@heurist/test-servers/certificate';
import { freePort } from '@heurist/test-servers/free-port';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { startS3, testAccount } from '@heurist/test-servers/s3';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { startTlsFront } from '@heurist/test-servers/tls-front';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflows } from '../src/workflows/workflows.ts';
import { startCli } from './run-cli.ts';

const UNKNOWN = /Its certificate is of an authority that Node does not know: set NODE_EXTRA_CA_CERTS to the file/;
const folder = mkdtempSync(join(tmpdir(), 'authority-'));
const stops: (() => unknown)[] = [];
let certificate: TestCertificate;
let trust: Record<string, string>;
let storage: string;
let comfyui: string;
let plainComfyui: SlowComfyui;
let receiver: string;
const received: string[] = [];

const behindTls = async (target: string) => {
  const front = await startTlsFront(target, certificate);
  stops.push(front.stop);
  return front.url;
};

beforeAll(async () => {
  certificate = createCertificate(folder);
  trust = { NODE_EXTRA_CA_CERTS: certificate.authority };
  const s3 = await startS3('heurist');
  const models = workflows.find(({ workflow_id }) => workflow_id === 'sd15')!.requirements.models;
  const checkpoints = models.map(({ filename }) => filename);
  plainComfyui = await startSlowComfyui({ durations: [50], objectInfo: readObjectInfo(), models: { checkpoints } });
  const app = createServer((request, response) => {
    received.push(`${request.url}`);
    request.resume();
    response.end();
  });
  const plainReceiver = await listen(app, 0, '127.0.0.1');
  stops.push(
    () => s3.stop(),
    () => plainComfyui.stop(),
    () => app.close(),
  );
  [storage, comfyui, receiver] = await Promise.all([
    behindTls(s3.endpoint),
    behindTls(plainComfyui.url),
    behindTls(plainReceiver),
  ]);
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A command that goes on until the test ends it. */
function start(name: string, args: string[], env: Record<string, string>) {
  const command = startCli(args, { cwd: folder, env: { HEURIST_DATA_DIR: join(folder, name), ...env } });
  const stop = async () => {
    command.child.kill('SIGKILL');
    await command.ended;
  };
  stops.push(stop);
  const prints = async (text: RegExp) =>
    await expect.poll(() => command.output.stdout + command.output.stderr, { timeout: 60_000 }).toMatch(text);
  return { ...command, prints, stop };
}

const account = () => ({
  AWS_ACCESS_KEY_ID: testAccount.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testAccount.secretAccessKey,
  S3_ENDPOINT: storage,
});

async function startSequencer(name: string, env: Record<string, string>) {
  const port = await freePort();
  const args = ['sequencer', '--port', `${port}`, '--artifacts', 's3://heurist', '--private-hosts', 'localhost'];
  const front = await behindTls(`http://127.0.0.1:${port}`);
  const sequencer = start(name, [...args, '--public-url', front], { ...account(), ...env });
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isUp, { timeout: 60_000 }).toBe(true);
  const keys = JSON.parse(readFileSync(join(folder, name, 'credentials.json'), 'utf8'));
  return { ...sequencer, url: front, port, keys: keys as Record<'consumer' | 'miner', string> };
}

async function submit(port: number, key: string, webhook_url: string): Promise<{ task_id: string }> {
  const task_details = { parameters: { prompt: 'x' } };
  const body = { task_type: 'txt2img', workflow_id: 'sd15', webhook_url, task_details };
  const created = await query(port, key, 'task_create', body);
  expect(created).toMatchObject({ task_id: expect.any(String) });
  return created;
}

async function query(port: number, key: string, name: string, body: object = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return (await response.json()) as any;
}

test('with the variable, a task goes all the way: storage, miner, ComfyUI, webhook', { timeout: 180_000 }, async () => {
  const { url, port, keys, stop } = await startSequencer('trusting', trust);
  const env = { HEURIST_MINER_KEY: keys.miner, ...trust };
  const miner = start('trusting-miner', ['miner', '--sequencer', url, '--comfyui', comfyui], env);
  const { task_id } = await submit(port, keys.consumer, `${receiver}/done`);
  const state = () => query(port, keys.consumer, 'task_result_query', { task_id });
  await expect.poll(async () => (await state()).status, { timeout: 60_000 }).toBe('finished');
  await expect.poll(() => received, { timeout: 20_000 }).toEqual(['/done']);
  expect(plainComfyui.graphs).toHaveLength(1);
  // the file is in the storage, by its own name
  const redirect = await fetch((await state()).result.replace(url, `http://127.0.0.1:${port}`), { redirect: 'manual' });
  expect(redirect.headers.get('location')).toContain(`${storage}/heurist/`);
  await miner.stop();
  await stop();
});

test('without it, a sequencer says so of its storage and of webhooks', { timeout: 180_000 }, async () => {
  const { port, keys, output, prints, stop } = await startSequencer('doubting', {});
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
  await prints(new RegExp(`files cannot be stored.*${UNKNOWN.source}`));
  const { task_id } = await submit(port, keys.consumer, `${receiver}/unknown`);
  await query(port, keys.consumer, 'task_cancel', { task_id });
  await prints(new RegExp(`a webhook was not delivered\\. ${UNKNOWN.source}`));
  // what the operator can change is not told to others
  expect(JSON.stringify(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json())).not.toMatch(/CERTS|localhost/);
  expect(output.stdout).not.toContain('undelivered');
  await stop();
});

test('without it, a miner says so of the sequencer and of ComfyUI', { timeout: 180_000 }, async () => {
  const { url, port, keys, stop } = await startSequencer('reached', trust);
  const env = { HEURIST_MINER_KEY: keys.miner };
  const ofComfyui = start(
    'doubting-1',
    ['miner', '--sequencer', `http://127.0.0.1:${port}`, '--comfyui', comfyui],
    env,
  );
  await ofComfyui.prints(new RegExp(`Cannot reach ComfyUI at ${comfyui}/?\\. ${UNKNOWN.source}`));
  const ofSequencer = start('doubting-2', ['miner', '--sequencer', url, '--comfyui', plainComfyui.url], env);
  await ofSequencer.prints(UNKNOWN);
  await Promise.all([ofComfyui.stop(), ofSequencer.stop()]);
  await stop();
});

test('without it, a miner says so of the storage, to which it cannot hand over its output', {
  timeout: 180_000,
}, async () => {
  const { port, keys, stop } = await startSequencer('storing', trust);
  const sequencer = `http://127.0.0.1:${port}`;
  const env = { HEURIST_MINER_KEY: keys.miner };
  const miner = start('doubting-3', ['miner', '--sequencer', sequencer, '--comfyui', plainComfyui.url], env);
  await submit(port, keys.consumer, `${receiver}/never`);
  await miner.prints(new RegExp(`the delivery waits.*${UNKNOWN.source}`));
  await miner.stop();
  await stop();
});

test('doctor says so of storage, sequencer and ComfyUI, and with the variable that all is well', {
  timeout: 120_000,
}, async () => {
  const { url, stop } = await startSequencer('looked-at', trust);
  const args = ['doctor', '--json', '--sequencer', url, '--comfyui', comfyui, '--artifacts', 's3://heurist'];
  const diagnose = async (env: Record<string, string>) => {
    const { stdout } = await startCli(args, { cwd: folder, env: { ...account(), ...env } }).ended;
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; advice?: string }[] };
    return (check: string) => findings.filter((finding) => finding.check === check);
  };
  const [doubting, trusting] = [await diagnose({}), await diagnose(trust)];
  for (const check of ['storage', 'sequencer', 'ComfyUI']) {
    expect(doubting(check)[0]).toMatchObject({ check, status: 'fail', advice: expect.stringMatching(UNKNOWN) });
    expect(trusting(check)[0]).toMatchObject({ check, status: 'ok' });
  }
  await stop();
});
