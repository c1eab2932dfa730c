// Inputs that drip: they are waited for beside the tasks of others, not in their place.
import { createServer, type Server } from 'node:http';
import { defineWorkflow } from '@heurist/core/definition';
import { createFastClock } from '@heurist/server-kit/fast-clock';
import { listen } from '@heurist/server-kit/listen';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createMinerWithClock } from '../src/create-miner.ts';
import type { Miner } from '../src/index.ts';
import { MAX_ASIDE } from '../src/task-runner.ts';
import { StubSequencer } from './stub-sequencer.ts';

const copy = defineWorkflow({
  workflow_id: 'copy',
  task_type: 'copy',
  title: 'Copy',
  parameters: z.strictObject({ image: z.string(), other: z.optional(z.string()) }),
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { image: '', other: '' } },
    save: { class_type: 'SaveImage', inputs: { images: ['empty', 0], filename_prefix: 'copy' } },
  },
  bindings: { image: 'empty.image', other: 'empty.other' },
  files: { image: { kind: 'image', max_bytes: 50_000_000 }, other: { kind: 'image', max_bytes: 50_000_000 } },
  outputs: ['save'],
  requirements: { nodes: ['EmptyImage', 'SaveImage'], models: [] },
});

let comfyui: SlowComfyui;
let dripping: Server;
let asked: string[];
let address: string;
let sequencer: StubSequencer;
let miner: Miner;
beforeEach(async () => {
  comfyui = await startSlowComfyui({ durations: [20] });
  asked = [];
  dripping = createServer((request, response) => {
    asked.push(`${request.url}`);
    if (request.url === '/missing') return void response.writeHead(404).end();
    response.write('x'.repeat(100));
  });
  address = await listen(dripping, 0, '127.0.0.1');
  sequencer = new StubSequencer();
});
afterEach(async () => {
  await miner.stop({ giveBack: true });
  dripping.closeAllConnections();
  dripping.close();
  await comfyui.stop();
});

async function start(prefetch: number): Promise<void> {
  const options = { sequencer: 'http://127.0.0.1:1', key: 'rig#secret', comfyui: comfyui.url, protocol: sequencer };
  const policy = { allowPrivateInputs: true, prefetch, workflows: [paint, copy] };
  // a second passes in 50 ms, but not for the drip: that is given up after 8 real seconds
  miner = createMinerWithClock({ ...options, ...policy }, createFastClock(20));
  await miner.start();
}
const addDrip = (task_id: string, more: object = {}) =>
  sequencer.add({
    task_id,
    workflow_id: 'copy',
    task_details: { parameters: { image: `${address}/${task_id}`, ...more } },
  });
const reported = () => sequencer.reports.map(({ lease_id, success }) => [lease_id.replace('lease of ', ''), success]);

test.each([
  [0, 1],
  [1, 1],
  [1, 2],
  [2, 2],
  [1, MAX_ASIDE - 1],
])('prefetch %i, %i inputs that drip: the tasks of others are claimed and finish', async (prefetch, drips) => {
  for (let index = 0; index < drips; index++) addDrip(`drip ${index}`);
  for (const task_id of ['a', 'b', 'c']) sequencer.add({ task_id });
  await start(prefetch);
  // two that are prepared beside one another may be ready in another order
  const ended = () => reported().toSorted();
  await expect.poll(ended, { timeout: 7000 }).toEqual(['a', 'b', 'c'].map((id) => [id, true]));
  expect(asked).toHaveLength(drips);
});

test('when all places are taken, the input that has dripped longest makes room', async () => {
  for (let index = 0; index < MAX_ASIDE; index++) addDrip(`drip ${index}`);
  sequencer.add({ task_id: 'a' });
  await start(1);
  await expect.poll(reported, { timeout: 7000 }).toEqual([
    ['drip 0', false],
    ['a', true],
  ]);
  expect(sequencer.reports[0]).toMatchObject({
    error: { code: 'input_unreachable', message: expect.stringContaining('came too slowly') },
  });
});

test('the inputs of one task are fetched beside one another, and the first that fails ends the others', async () => {
  addDrip('two', { other: `${address}/missing` });
  await start(1);
  await expect.poll(reported, { timeout: 7000 }).toEqual([['two', false]]);
  expect(sequencer.reports[0]).toMatchObject({ error: { message: expect.stringContaining('status 404') } });
  expect(asked.toSorted()).toEqual(['/missing', '/two']);
});
