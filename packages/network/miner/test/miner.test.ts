import { join } from 'node:path';
import { createEngine } from '@heurist/engine';
import { systemClock } from '@heurist/server-kit/clock';
import { createFastClock } from '@heurist/server-kit/fast-clock';
import { createEnlarge } from '@heurist/test-servers/workflows';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMinerWithClock } from '../src/create-miner.ts';
import { createMiner } from '../src/index.ts';
import { startNetwork } from './network.ts';

const enlarge = createEnlarge(760, 32);

let network: Awaited<ReturnType<typeof startNetwork>>;
beforeAll(async () => {
  network = await startNetwork([enlarge]);
});
afterAll(async () => await network.close());

const create = (color: number) => network.create('enlarge', { color });
const query = (task_id: string) => network.query(task_id);
// ten times as fast: waits of seconds are over in a moment
const start = async (comfyui = network.engine.url, prefetch = 0, clock = createFastClock(10)) => {
  const { url: sequencer, key } = network;
  const miner = createMinerWithClock({ sequencer, key, comfyui, workflows: [enlarge], prefetch }, clock);
  await miner.start();
  return miner;
};

test('stop finishes the running task, and takes no more', async () => {
  const miner = await start();
  const first = await create(1);
  await expect.poll(() => query(first), { timeout: 10_000 }).toMatchObject({ status: 'running' });
  const second = await create(2);
  await miner.stop();
  expect(await query(first)).toMatchObject({ status: 'finished', attempt: 1 });
  expect(await query(second)).toMatchObject({ status: 'waiting' });
  await network.call('task_cancel', { task_id: second });
});

test('a task without a seed gets a fresh one, which is reported', async () => {
  const miner = await start();
  const ids = [await create(3), await create(3)];
  for (const id of ids) await expect.poll(() => query(id), { timeout: 20_000 }).toMatchObject({ status: 'finished' });
  const seeds = (await Promise.all(ids.map(query))).map(({ parameters }) => parameters.seed);
  expect(seeds.every(Number.isSafeInteger)).toBe(true);
  expect(seeds[0]).not.toBe(seeds[1]);
  await miner.stop();
});

test('a ComfyUI that dies in mid-run: the task is handed to another miner and finishes', async () => {
  const doomed = await createEngine({ dataDir: join(network.folder, 'doomed') });
  const miner = await start(doomed.url);
  const id = await create(4);
  await expect.poll(async () => (await query(id)).progress?.percent, { timeout: 10_000 }).toBeGreaterThan(0);
  await doomed.close();
  await expect.poll(() => query(id), { timeout: 20_000 }).not.toMatchObject({ status: 'running', attempt: 1 });
  const stopping = miner.stop();
  const healthy = await start();
  await expect.poll(() => query(id), { timeout: 30_000 }).toMatchObject({ status: 'finished' });
  expect((await query(id)).attempt).toBeGreaterThan(1);
  await Promise.all([stopping, healthy.stop()]);
});

test('a ComfyUI that is restarted: its miner waits for it, and no attempt is wasted meanwhile', async () => {
  const first = await createEngine({ dataDir: join(network.folder, 'restarted') });
  const port = Number(new URL(first.url).port);
  const miner = await start(first.url);
  const id = await create(5);
  await expect.poll(async () => (await query(id)).progress?.percent, { timeout: 10_000 }).toBeGreaterThan(0);
  await first.close();
  await expect.poll(() => query(id), { timeout: 20_000 }).toMatchObject({ status: 'waiting', attempt: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await query(id)).toMatchObject({ status: 'waiting', attempt: 1 });
  const second = await createEngine({ dataDir: join(network.folder, 'restarted'), port });
  await expect.poll(() => query(id), { timeout: 30_000 }).toMatchObject({ status: 'finished', attempt: 2 });
  await miner.stop();
  await second.close();
});

test('start says what is missing, and where the ComfyUI should be', async () => {
  const lacking = { ...enlarge, requirements: { nodes: ['SamplerCustom'], models: [] } };
  const options = { sequencer: network.url, key: network.key, comfyui: network.engine.url };
  await expect(createMiner({ ...options, workflows: [lacking] }).start()).rejects.toThrow('node class SamplerCustom');
  const nowhere = createMiner({ ...options, comfyui: 'http://127.0.0.1:9', workflows: [enlarge] });
  await expect(nowhere.start()).rejects.toThrow('http://127.0.0.1:9');
});

describe('a task claimed ahead', () => {
  const queue = async () =>
    (await (await fetch(`${network.engine.url}/queue`)).json()) as {
      queue_running: unknown[];
      queue_pending: unknown[];
    };
  // the first one is pending too, until the engine takes it
  const promptsThere = async () => Object.values(await queue()).flat().length;

  test("waits in ComfyUI's own queue when the running one is about to end, and no more than one", async () => {
    const miner = await start(network.engine.url, 1, systemClock);
    const ids = await Promise.all([10, 11, 12, 13].map(create));
    let most = 0;
    for (let isDone = false; !isDone; ) {
      most = Math.max(most, await promptsThere());
      isDone = (await Promise.all(ids.map(query))).every(({ status }) => status === 'finished');
    }
    expect(most).toBe(2);
    const attempts = (await Promise.all(ids.map(query))).map(({ attempt }) => attempt);
    expect(attempts).toEqual([1, 1, 1, 1]);
    await miner.stop();
  });

  test('that is canceled goes alone; stop finishes what was claimed', async () => {
    const miner = await start(network.engine.url, 1, systemClock);
    const ids = await Promise.all([20, 21, 22].map(create));
    await expect.poll(async () => (await queue()).queue_pending.length, { timeout: 20_000, interval: 5 }).toBe(1);
    const states = await Promise.all(ids.map(query));
    const ahead = states.findLast(({ status }) => status === 'running');
    await network.call('task_cancel', { task_id: ahead.task_id });
    const stopping = miner.stop();
    await stopping;
    const after = await Promise.all(ids.map(query));
    expect(after.find(({ task_id }) => task_id === ahead.task_id)?.status).toBe('canceled');
    expect(after.filter(({ status }) => status === 'finished').length).toBeGreaterThanOrEqual(1);
    expect(after.filter(({ status }) => status === 'running')).toEqual([]);
    for (const { task_id } of after) await network.call('task_cancel', { task_id });
  });

  test('is none where the operator wants none', async () => {
    // what the test before canceled may still be ending
    await expect.poll(promptsThere, { timeout: 10_000 }).toBe(0);
    const miner = await start(network.engine.url, 0, systemClock);
    const ids = await Promise.all([30, 31, 32].map(create));
    for (let isDone = false; !isDone; ) {
      expect(await promptsThere()).toBeLessThanOrEqual(1);
      isDone = (await Promise.all(ids.map(query))).every(({ status }) => status === 'finished');
    }
    await miner.stop();
  });
});
