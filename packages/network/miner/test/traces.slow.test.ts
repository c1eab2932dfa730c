// What a task leaves in its ComfyUI: with its folder, nothing that is a consumer's stays after the end of the task.
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { listen } from '@heurist/server-kit/listen';
import { type FaultProxy, type Faults, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createMiner, type MinerOptions } from '../src/index.ts';
import { startNetwork } from './network.ts';

const invert = defineWorkflow({
  workflow_id: 'invert',
  task_type: 'invert',
  title: 'Invert',
  parameters: z.strictObject({ image: z.string(), other: z.optional(z.string()) }),
  graph: {
    load: { class_type: 'LoadImage', inputs: { image: '' } },
    invert: { class_type: 'ImageInvert', inputs: { image: ['load', 0] } },
    watch: { class_type: 'PreviewImage', inputs: { images: ['load', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['invert', 0], filename_prefix: 'sub/invert' } },
  },
  bindings: { image: 'load.image', other: 'load.image' },
  files: { image: { kind: 'image', max_bytes: 1e6 }, other: { kind: 'image', max_bytes: 1e6 } },
  outputs: ['save'],
});

let network: Awaited<ReturnType<typeof startNetwork>>;
let comfyui: FaultProxy;
let files: Server;
let address: string;
let root: string;
let stops: (() => Promise<void>)[];
beforeAll(async () => {
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  files = createServer(({ url }, response) => {
    if (url === '/picture') response.end(picture);
    else if (url === '/late') setTimeout(() => response.writeHead(404).end(), 2500);
    else response.writeHead(404).end();
  });
  address = await listen(files, 0, '127.0.0.1');
  network = await startNetwork([invert]);
  root = join(network.folder, 'engine');
  for (const folder of ['input', 'output', 'temp']) writeFileSync(join(root, folder, 'mine.png'), 'of another');
});
afterAll(async () => {
  await network.close();
  files.closeAllConnections();
  files.close();
});
beforeEach(async () => {
  comfyui = await startFaultProxy(network.engine.url, {});
  stops = [comfyui.stop];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function start(more: Partial<MinerOptions> = {}) {
  const { url: sequencer, key } = network;
  const common = { sequencer, key, comfyui: comfyui.url, workflows: [invert], allowPrivateInputs: true };
  const miner = createMiner({ ...common, ...more });
  await miner.start();
  stops.push(() => miner.stop({ giveBack: true }));
  return miner;
}
const create = (image = 'picture', more: object = {}) =>
  network.create('invert', { image: `${address}/${image}`, ...more });
const untilStatus = (id: string, status: string) =>
  expect.poll(async () => (await network.query(id)).status, { timeout: 20_000 }).toBe(status);

/** Every file in the three folders but those of others. */
const left = () =>
  ['input', 'output', 'temp'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name !== 'mine.png' && statSync(join(root, folder, name)).isFile())
      .map((name) => `${folder}/${name}`),
  );
const history = async () => Object.keys((await (await fetch(`${network.engine.url}/history`)).json()) as object);
const prompts = () => comfyui.calls.filter(({ path }) => path === '/prompt').length;
const nothingLeft = async () => {
  await expect.poll(async () => [left(), await history()], { timeout: 10_000 }).toEqual([[], []]);
  for (const folder of ['input', 'output', 'temp']) expect(readdirSync(join(root, folder))).toContain('mine.png');
};

/** The graph does not end as long as the history says nothing. */
const held: Faults['answer'] = async (call) =>
  call.path.startsWith('/history/') ? { status: 200, body: '{}' } : await call.pass();

test('delivered: inputs, outputs, previews and the prompt are removed; the same task again works', async () => {
  await start({ comfyuiFolder: root });
  for (let round = 0; round < 2; round++) {
    const id = await create();
    await untilStatus(id, 'finished');
    expect((await network.query(id)).outputs).toMatchObject([{ kind: 'image' }]);
    await nothingLeft();
  }
});

test('failed: a node that fails leaves nothing', async () => {
  comfyui.faults.answer = async (call) => {
    const reply = await call.pass();
    const [, route, id = ''] = call.path.split('/');
    if (route !== 'history' || !reply || reply.body.toString() === '{}') return reply;
    const entry = JSON.parse(reply.body.toString())[id];
    const messages = [['execution_error', { node_id: 'save', exception_type: 'ValueError', exception_message: 'bad' }]];
    return {
      ...reply,
      body: JSON.stringify({ [id]: { ...entry, status: { status_str: 'error', completed: false, messages } } }),
    };
  };
  await start({ comfyuiFolder: root });
  await untilStatus(await create(), 'failed');
  await nothingLeft();
});

test('failed: an input was uploaded, another cannot be fetched', async () => {
  await start({ comfyuiFolder: root });
  await untilStatus(await create('picture', { other: `${address}/missing` }), 'failed');
  expect(prompts()).toBe(0);
  await nothingLeft();
});

test('failed: two tasks at once, both after an input was uploaded', async () => {
  await start({ comfyuiFolder: root });
  const ids = await Promise.all([1, 2].map(() => create('picture', { other: `${address}/late` })));
  await expect.poll(() => left().length, { timeout: 10_000 }).toBe(2);
  for (const id of ids) await untilStatus(id, 'failed');
  await nothingLeft();
});

test('canceled', async () => {
  comfyui.faults.answer = held;
  await start({ comfyuiFolder: root });
  const id = await create();
  await expect.poll(prompts, { timeout: 10_000 }).toBe(1);
  await network.call('task_cancel', { task_id: id });
  await untilStatus(id, 'canceled');
  comfyui.faults.answer = undefined;
  await nothingLeft();
});

test('the miner dies while the graph runs: the next process removes what it left', async () => {
  const journal = join(network.folder, 'journal');
  const way = await startFaultProxy(network.engine.url, { answer: held });
  stops.push(way.stop);
  await start({ comfyui: way.url, journal });
  const id = await create();
  await expect.poll(() => way.calls.some(({ path }) => path === '/prompt'), { timeout: 10_000 }).toBe(true);
  // from here on it is as good as dead: what it has noted is what the next one finds
  way.faults.answer = async () => undefined;
  const found = join(network.folder, 'found');
  cpSync(journal, found, { recursive: true });
  for (const name of readdirSync(found)) {
    const path = join(found, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(way.url, comfyui.url));
  }
  await network.call('task_cancel', { task_id: id });
  expect(left().filter((name) => name.startsWith('input/'))).toHaveLength(1);
  await start({ journal: found, comfyuiFolder: root });
  await nothingLeft();
  expect(readdirSync(found)).toEqual([]);
  way.faults.answer = undefined;
});

test('without the folder, files stay, and the prompt does not', async () => {
  const lines: string[] = [];
  const logger = { info: (line: string) => void lines.push(line), warn() {}, error() {} };
  await start({ logger });
  expect(lines[0]).toContain('stay in the folders');
  await untilStatus(await create(), 'finished');
  await expect.poll(history).toEqual([]);
  // a preview only if no run before has made the same one
  expect(left().map((name) => name.split('/')[0])).toEqual(expect.arrayContaining(['input', 'output']));
});

test('a folder that is not that of a ComfyUI is refused at the start', async () => {
  await expect(start({ comfyuiFolder: network.folder })).rejects.toMatchObject({ code: 'invalid_configuration' });
});
