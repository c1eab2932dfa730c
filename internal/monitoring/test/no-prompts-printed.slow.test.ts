// The commands as operators run them, `heurist sequencer`, `heurist miner` and `heurist dev`: what consumers ask for, and the secrets of
// keys, are found nowhere in what they print, from the first line to the last.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '@heurist/test-servers/commands';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { type FaultProxy, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { freePort } from '@heurist/test-servers/free-port';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failWith, startApp } from './support/quoting.ts';

const MARKER = 'mark7secret';
const prompt = `a ${MARKER}`;
const folder = mkdtempSync(join(tmpdir(), 'printed-'));
const packages = join(import.meta.dirname, '../../../packages');
const stops: (() => unknown)[] = [];
/** Of an app: what is `missing` is not there, anything else is a picture. Webhooks are refused. */
let app: string;
let comfyui: FaultProxy;

beforeAll(async () => {
  const server = await startApp((url, method) => url.includes('missing') || method === 'POST');
  app = server.url;
  const checkpoints = ['v1-5-pruned-emaonly-fp16.safetensors', 'v1-5-pruned-emaonly.safetensors'];
  const plain = await startSlowComfyui({ durations: [50], objectInfo: readObjectInfo(), models: { checkpoints } });
  comfyui = await startFaultProxy(plain.url, {});
  stops.push(
    server.stop,
    () => plain.stop(),
    () => comfyui.stop(),
  );
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a command. What all have printed is in `printed`. */
function createTerminal() {
  const printed: { command: string; output: { stdout: string; stderr: string } }[] = [];
  const start = (program: string, args: string[], env: Record<string, string>) => {
    const script = startScript(join(packages, program, 'src/main.ts'), args, { cwd: folder, env });
    printed.push({ command: program === 'cli' ? args[0]! : program, output: script.output });
    const end = async (signal: NodeJS.Signals) => {
      script.child.kill(signal);
      await script.ended;
    };
    stops.push(() => end('SIGKILL'));
    return { ...script, end };
  };
  const find = (secret: string) =>
    printed.flatMap(({ command, output }) =>
      Object.entries(output).flatMap(([stream, text]) =>
        text
          .split('\n')
          .filter((line) => line.includes(secret))
          .map((line) => `${command} ${stream}: ${line.slice(0, 300)}`),
      ),
    );
  return { start, find, printed };
}

/** Calls of a consumer. */
function createConsumer(url: string, key: string) {
  async function call(name: string, body: object) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
    // biome-ignore lint/suspicious/noExplicitAny: replies of any form
    return (await response.json()) as any;
  }
  const create = (workflow_id: string, parameters: object, more: object = {}) =>
    call('task_create', {
      task_type: workflow_id.endsWith('img2img') ? 'img2img' : 'txt2img',
      workflow_id,
      task_details: { parameters },
      ...more,
    });
  const ends = async (created: Promise<{ task_id: string }>, status: string) => {
    const { task_id, ...refusal } = await created;
    expect(refusal).not.toHaveProperty('code');
    const now = async () => (await call('task_result_query', { task_id })).status;
    await expect.poll(now, { timeout: 60_000, message: task_id }).toBe(status);
    return task_id;
  };
  return { call, create, ends };
}

/** What can be asked for and go wrong, with the marker in it, whichever workflows there are. */
async function askForAll(consumer: ReturnType<typeof createConsumer>, draw: string, change: string): Promise<string> {
  const { call, create, ends } = consumer;
  const webhook_url = `${app}/${MARKER}`;
  const first = await ends(create(draw, { prompt }, { webhook_url, job_id: MARKER }), 'finished');
  await ends(create(change, { prompt, image: `${app}/${MARKER}.png` }), 'finished');
  await ends(create(change, { prompt, image: `${app}/missing/${MARKER}.png` }), 'failed');
  for (const wrong of [
    { prompt, steps: MARKER },
    { prompt, [MARKER]: 1 },
  ])
    expect((await create(draw, wrong)).code).toBe('invalid_parameters');
  expect((await create(draw, { prompt: 'other' }, { job_id: MARKER })).code).toBe('job_id_conflict');
  expect((await create(MARKER, { prompt })).code).toBe('unknown_workflow');
  expect((await call('task_result_query', { task_id: MARKER })).code).toMatch(/invalid_request|not_found/);
  return first;
}

test.each(['text', 'json'])('sequencer and miner, with --log-format %s', { timeout: 240_000 }, async (format) => {
  const terminal = createTerminal();
  const [dataDir, port] = [join(folder, format), await freePort()];
  await prepareDataFolder(join(dataDir, 'queue'));
  const url = `http://127.0.0.1:${port}`;
  const sequencer = terminal.start(
    'cli',
    ['sequencer', '--port', `${port}`, '--data-dir', dataDir, '--log-format', format, '--private-hosts', '127.0.0.1'],
    {},
  );
  await sequencer.says('Sequencer at');
  const keys = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Record<string, string>;
  const minerDir = join(folder, `${format}-miner`);
  const startMiner = async () => {
    const args = ['miner', '--sequencer', url, '--comfyui', comfyui.url, '--data-dir', minerDir];
    const more = ['--log-format', format, '--private-hosts', '127.0.0.1'];
    const miner = terminal.start('cli', [...args, ...more], { HEURIST_MINER_KEY: keys.miner! });
    await miner.says('Miner ready');
    return miner;
  };
  let miner = await startMiner();
  const consumer = createConsumer(url, keys.consumer!);
  const { create, ends } = consumer;
  const first = await askForAll(consumer, 'sd15', 'sd15-img2img');
  for (const [type, message] of [
    ['ValueError', `cannot draw "${MARKER}"`],
    ['RuntimeError', `CUDA error: ${MARKER}`],
    ['OutOfMemoryError', `for ${MARKER}`],
  ] as const) {
    failWith(comfyui, { node_id: '3', node_type: 'KSampler' }, type, message);
    await ends(create('sd15', { prompt }), 'failed');
  }
  // a graph that ComfyUI refuses, in words that quote it
  const errors = [{ type: 'value_not_in_list', message: MARKER, details: MARKER, extra_info: {} }];
  const node_errors = { 6: { class_type: 'CLIPTextEncode', errors, dependent_outputs: [] } };
  comfyui.faults.answer = async (call) =>
    call.path === '/prompt'
      ? {
          status: 400,
          body: JSON.stringify({ error: { type: MARKER, message: MARKER, details: MARKER }, node_errors }),
        }
      : await call.pass();
  await ends(create('sd15', { prompt }), 'failed');
  // a miner that is killed while it works, and one that goes on from its notes
  comfyui.faults.answer = async (call) =>
    call.path.startsWith('/history/') ? { status: 200, body: '{}' } : await call.pass();
  const crashed = create('sd15', { prompt });
  const notes = () => readdirSync(minerDir, { recursive: true }).filter((name) => `${name}`.endsWith('.json'));
  await expect.poll(notes, { timeout: 20_000 }).not.toEqual([]);
  await miner.end('SIGKILL');
  comfyui.faults.answer = undefined;
  miner = await startMiner();
  await ends(crashed, 'finished');
  // stops print something, too
  await miner.end('SIGTERM');
  await sequencer.end('SIGTERM');

  // it would find something
  expect(terminal.find(first).map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['sequencer', 'miner']),
  );
  expect(terminal.find('KSampler')).not.toEqual([]);
  const secrets = Object.values(keys).map((key) => key.split('#')[1]!);
  for (const secret of [MARKER, ...secrets]) expect(terminal.find(secret)).toEqual([]);
});

test('the local network', { timeout: 240_000 }, async () => {
  const terminal = createTerminal();
  const [dataDir, port] = [join(folder, 'dev'), await freePort()];
  const dev = terminal.start('dev', ['--port', `${port}`, '--data-dir', dataDir], {});
  await dev.says('The network is ready');
  const keys = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Record<string, string>;
  const [, consumerKey = ''] = /HEURIST_API_KEY="([^"]+)"/.exec(dev.output.stdout) ?? [];
  const first = await askForAll(createConsumer(`http://127.0.0.1:${port}`, consumerKey), 'tiny', 'tiny-img2img');
  await dev.end('SIGTERM');
  expect(terminal.find(first)).not.toEqual([]);
  // the consumer's key is shown for the app, and no other one
  const others = Object.values(keys).filter((key) => key !== consumerKey);
  expect(others.length).toBeGreaterThan(0);
  for (const secret of [MARKER, ...others.map((key) => key.split('#')[1]!)]) expect(terminal.find(secret)).toEqual([]);
});
