// A miner on a ComfyUI that takes its time to load: what it says that it holds, and what a load costs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paintWith } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMiner, type Miner } from '../src/index.ts';
import { StubSequencer } from './stub-sequencer.ts';

const LOAD_MS = 400;
let comfyui: SlowComfyui;
let sequencer: StubSequencer;
let folder: string;
let miner: Miner;
let count = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warm-'));
  comfyui = await startSlowComfyui({
    durations: [50],
    loadMs: LOAD_MS,
    capacity: 2,
    models: { checkpoints: ['a.safetensors', 'b.safetensors'] },
  });
  await startMiner();
});
afterEach(async () => {
  await miner.stop({ giveBack: true });
  await comfyui.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function startMiner(): Promise<void> {
  sequencer = new StubSequencer();
  miner = createMiner({
    sequencer: 'http://127.0.0.1:1',
    key: 'rig#key',
    comfyui: comfyui.url,
    workflows: [paintWith('a', 'a.safetensors'), paintWith('b', 'b.safetensors')],
    protocol: sequencer,
    journal: folder,
    prefetch: 0,
  });
  await miner.start();
}

/** Runs a task, and returns its report. */
async function run(model: string) {
  const before = sequencer.reports.length;
  const model_key = `${model}.safetensors`;
  sequencer.add({ task_id: `task ${count++}`, workflow_id: model, model_key });
  await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(before + 1);
  await expect.poll(() => miner.status().running + miner.status().delivering).toBe(0);
  return sequencer.reports.at(-1) as { model_load_latency?: number };
}

const told = () => sequencer.claims.at(-1)?.warm;
const nearLoad = (ms: number | undefined) => expect(Math.abs((ms ?? 0) - LOAD_MS)).toBeLessThan(LOAD_MS / 2);

test('tells what it holds, what a load costs, and how long one took', async () => {
  await expect.poll(told).toEqual([]);
  await run('a');
  expect((await run('a')).model_load_latency).toBe(0);
  await expect.poll(told).toMatchObject([{ key: 'a.safetensors' }]);
  nearLoad((told()![0] as { load_ms: number }).load_ms);
  await run('b');
  await run('b');
  // the ComfyUI has kept it
  expect((await run('a')).model_load_latency).toBe(0);
  await expect.poll(told).toMatchObject([{ key: 'a.safetensors' }, { key: 'b.safetensors' }]);
  expect(comfyui.loads).toEqual(['a.safetensors', 'b.safetensors']);
});

test('load times outlive a restart of the miner, what is held does not', async () => {
  await run('a');
  await run('a');
  await miner.stop();
  await startMiner();
  await expect.poll(told).toEqual([]);
  // restarted too
  await fetch(`${comfyui.url}/free`, { method: 'POST' });
  const { model_load_latency = 0 } = await run('a');
  nearLoad(model_load_latency * 1000);
  expect(miner.status()).toMatchObject({ model_switches: 1, models: [{ key: 'a.safetensors' }] });
  expect(miner.status().model_load_seconds).toBe(model_load_latency);
});
