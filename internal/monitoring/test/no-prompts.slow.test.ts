// What a consumer asks for, names and holds is found nowhere but in its own answers: not in what the servers print, in their spans,
// their metrics, in answers to others, nor in the notes of a miner once its tasks have ended.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@heurist/engine';
import { sleep } from '@heurist/server-kit/sleep';
import { startScript } from '@heurist/test-servers/commands';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { afterAll, expect, test } from 'vitest';
import { startOtlpReceiver } from '../src/otlp-receiver.ts';
import { failWith, PICTURE, startApp } from './support/quoting.ts';

const MARKER = 'mark7secret';
const folder = mkdtempSync(join(tmpdir(), 'no-prompts-'));
const support = (name: string) => join(import.meta.dirname, 'support', name);
const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a marker in prompts, names, addresses and keys', { timeout: 240_000 }, async () => {
  const receiver = await startOtlpReceiver();
  stops.push(receiver.stop);
  const NODE_OPTIONS = `--import=${join(import.meta.dirname, '../src/instrument.ts')}`;
  const place = { cwd: folder, env: { NODE_OPTIONS, TRACES_URL: receiver.url, TRACES_DELAY_MS: '200' } };
  const printed: { stdout: string; stderr: string }[] = [];
  const start = (name: string, ...args: string[]) => {
    const script = startScript(support(name), args, place);
    printed.push(script.output);
    stops.push(async () => {
      script.child.kill('SIGKILL');
      await script.ended;
    });
    return script;
  };
  // it also takes webhooks, or refuses them
  const { url: app, stop } = await startApp((asked) => asked.includes('missing') || asked.includes('refuse'));
  const engine = await createEngine({ dataDir: join(folder, 'engine') });
  const proxy = await startFaultProxy(engine.url, {});
  stops.push(stop, engine.close, proxy.stop);
  await prepareDataFolder(join(folder, 'database'));
  const sequencer = start('sequencer-process.ts', folder);
  await sequencer.says('\n');
  const { url, keys } = JSON.parse(sequencer.output.stdout);
  // what was printed for this test alone
  sequencer.output.stdout = '';
  const journal = join(folder, 'journal');
  const options = { sequencer: url, key: keys.miner, comfyui: proxy.url, journal, allowPrivateInputs: true };
  const startMiner = async (format: string) => {
    const miner = start('miner-process.ts', format, JSON.stringify(options));
    await miner.says('ready');
    return { ...miner, status: /ready (\S+)/.exec(miner.output.stdout)?.[1] ?? '' };
  };

  const call = async (name: string, body: object, key = keys.consumer) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return await response.text();
  };
  const create = async (parameters: object, more: object = {}) =>
    JSON.parse(await call('task_create', { task_type: 'words', task_details: { parameters }, ...more }));
  const statusOf = async (task_id: string) => JSON.parse(await call('task_result_query', { task_id })).status;
  const ends = async (task_id: string, status: string) =>
    await expect.poll(() => statusOf(task_id), { timeout: 40_000, message: task_id }).toBe(status);

  let miner = await startMiner('json');
  const prompt = `a ${MARKER}`;
  // success, with a file of the network, one of the app, and a webhook
  const file = JSON.parse(await call('file_create', { content_type: 'image/png', bytes: PICTURE.length }));
  await fetch(file.upload_url, { method: 'PUT', body: PICTURE });
  const first = (await create({ prompt, image: file.url }, { webhook_url: `${app}/${MARKER}`, job_id: MARKER }))
    .task_id;
  await ends(first, 'finished');
  await ends(
    (await create({ prompt, image: `${app}/${MARKER}.png` }, { webhook_url: `${app}/refuse/${MARKER}` })).task_id,
    'finished',
  );
  // options that the network refuses, and that the miner does
  await create({ prompt, size: MARKER });
  await create({ prompt, [MARKER]: 1 });
  await create({ prompt: 'other' }, { job_id: MARKER });
  await ends((await create({ prompt, size: -8 })).task_id, 'failed');
  await ends((await create({ prompt, image: `${app}/missing/${MARKER}.png` })).task_id, 'failed');
  // nodes that quote what they were told
  for (const [type, message] of [
    ['ValueError', `cannot draw "${MARKER}"`],
    ['RuntimeError', `CUDA error: ${MARKER}`],
    ['OutOfMemoryError', `for ${MARKER}`],
  ] as const) {
    failWith(proxy, { node_id: 'save', node_type: 'SaveImage' }, type, message);
    await ends((await create({ prompt })).task_id, 'failed');
  }
  // a retry: the first attempt finds no ComfyUI
  let isAway = true;
  proxy.faults.answer = async (sent) =>
    isAway && sent.path === '/prompt' ? { status: 500, body: MARKER } : await sent.pass();
  const retried = (await create({ prompt })).task_id;
  await sleep(1500);
  isAway = false;
  await ends(retried, 'finished');
  // a crash while the graph runs, and a miner that goes on
  proxy.faults.answer = async (sent) =>
    sent.path.startsWith('/history/') ? { status: 200, body: '{}' } : await sent.pass();
  const crashed = (await create({ prompt })).task_id;
  await expect.poll(() => readdirSync(journal).length, { timeout: 20_000 }).toBeGreaterThan(0);
  miner.child.kill('SIGKILL');
  await miner.ended;
  proxy.faults.answer = undefined;
  miner = await startMiner('text');
  await ends(crashed, 'finished');

  const answers = [
    await call('task_result_query', { task_id: first }, keys.other),
    await call('tasks_query', { task_ids: [first] }, keys.other),
    await call('network_status', {}, keys.other),
    await call('task_cancel', { task_id: first }, `${keys.other}${MARKER}`),
    await (await fetch(`${miner.status}/metrics`)).text(),
    await (await fetch(`${miner.status}/healthz`)).text(),
    await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${keys.operator}` } })).text(),
  ];
  await sleep(1500);
  const notes = readdirSync(journal).map((name) => readFileSync(join(journal, name), 'utf8'));
  const everything = {
    answers: answers.join('\n'),
    notes: notes.join('\n'),
    spans: receiver.bodies.join('\n'),
    stdout: printed.map(({ stdout }) => stdout).join('\n'),
    stderr: printed.map(({ stderr }) => stderr).join('\n'),
  };
  // it would find something
  expect(everything.stderr).toContain(crashed);
  expect(receiver.names).toEqual(expect.arrayContaining(['run graph', 'deliver webhook', 'submit task']));
  const secrets = Object.values(keys as Record<string, string>).map((key) => key.split('#')[1]!);
  for (const [place, text] of Object.entries(everything))
    for (const secret of [MARKER, ...secrets])
      expect(
        text
          .split('\n')
          .filter((line) => line.includes(secret))
          .map((line) => `${place}: ${around(line, secret)}`),
      ).toEqual([]);
  expect(engine.url).toBeTruthy();
});

/** Where a line names a secret. */
function around(line: string, secret: string): string {
  const at = line.indexOf(secret);
  return line.slice(Math.max(0, at - 150), at + 60);
}
