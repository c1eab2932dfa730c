// Warm routing for real: a sequencer with PostgreSQL, and miners of ours on ComfyUIs that take their time to load. All tasks come at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { createMiner } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import type { TestServer } from '@heurist/test-servers/postgres';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paintWith } from '@heurist/test-servers/workflows';
import sharp from 'sharp';
import { poisson } from './arrivals.ts';
import { startForgetful } from './forgetful.ts';

export interface WireScenario {
  models: number;
  miners: number;
  load_ms: number;
  run_ms: number;
  tasks: number;
  seed: number;
  /** Whether the sequencer hears which models the miners hold. */
  saysModels: boolean;
}

/** How it went, from the arrival of the tasks to the end of the last one. The share of tasks whose models were loaded when they started. */
export interface WireFigures {
  warm: number;
  seconds: number;
}

const LIMITS = { openTasks: 1e6, tasksPerMinute: 1e6, callsPerMinute: 1e9, leases: 1000 };
const POLL_MS = 100;

/** Runs the tasks of a scenario on a new network. */
export async function measureWire(server: TestServer, scenario: WireScenario): Promise<WireFigures> {
  const { models, miners, saysModels, tasks } = scenario;
  const files = Array.from({ length: models }, (_, model) => `m${model}.safetensors`);
  const workflows = files.map((file, model) => paintWith(`paint${model}`, file));
  const folder = mkdtempSync(join(tmpdir(), 'warm-'));
  const sequencer = await createSequencer({
    database: await openDatabase(await server.createDatabase()),
    artifacts: createFolderStore(folder),
    workflows,
    limits: LIMITS,
  });
  const stops = [async () => rmSync(folder, { recursive: true, force: true }), () => sequencer.close()];
  try {
    const url = await sequencer.listen();
    const forgetful = await startForgetful(url);
    stops.push(forgetful.stop);
    const picture = await paintOnce();
    const rigs = await Promise.all(
      Array.from({ length: miners }, async (_, index) => {
        const key = await sequencer.createKey('miner', `miner${index}`);
        return await startRig({ ...scenario, url: saysModels ? url : forgetful.url, key, workflows, files, picture });
      }),
    );
    stops.push(async () => void (await Promise.all(rigs.map(({ stop }) => stop()))));
    const consumer = { url, key: await sequencer.createKey('consumer', 'app') };
    const started = performance.now();
    await waitForAll(consumer, await submitAll(consumer, scenario));
    const seconds = (performance.now() - started) / 1000;
    const loads = rigs.reduce((sum, { comfyui }) => sum + comfyui.loads.length, 0);
    return { warm: 1 - loads / tasks, seconds };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

interface RigSettings extends Pick<WireScenario, 'load_ms' | 'run_ms'> {
  url: string;
  key: string;
  workflows: readonly WorkflowDefinition[];
  files: readonly string[];
  picture: Uint8Array<ArrayBuffer>;
}

/** A miner, and a ComfyUI that holds one model at a time. */
async function startRig({ url, key, workflows, files, picture, load_ms, run_ms }: RigSettings) {
  const comfyui = await startSlowComfyui({
    durations: [run_ms],
    oneAtATime: true,
    loadMs: load_ms,
    models: { checkpoints: files },
    picture,
  });
  const miner = createMiner({ sequencer: url, key, comfyui: comfyui.url, workflows });
  await miner.start();
  const stop = async () => {
    await miner.stop();
    await comfyui.stop();
  };
  return { comfyui, stop };
}

/** The same for all: what is measured is who gets what. */
async function paintOnce(): Promise<Uint8Array<ArrayBuffer>> {
  const image = sharp({ create: { width: 1, height: 1, channels: 3, background: '#888' } });
  return new Uint8Array(await image.png().toBuffer());
}

interface Consumer {
  url: string;
  key: string;
}

async function submitAll(consumer: Consumer, { models, tasks, seed }: WireScenario): Promise<string[]> {
  // the tasks of a simulation with this seed
  const arrivals = poisson(models, Infinity, seed);
  const all = Array.from({ length: tasks }, (_, color) => ({
    workflow_id: `paint${arrivals.next().value.model}`,
    task_type: 'paint',
    task_details: { parameters: { color } },
  }));
  const { results } = await call<{ results: { task_id?: string; error?: unknown }[] }>(consumer, 'tasks_create', {
    tasks: all,
  });
  return results.map(({ task_id, error }) => {
    if (!task_id) throw new Error(`A task was refused: ${JSON.stringify(error)}`);
    return task_id;
  });
}

async function waitForAll(consumer: Consumer, task_ids: readonly string[]): Promise<void> {
  let left = [...task_ids];
  while (left.length) {
    await sleep(POLL_MS);
    // the last ones are enough to know
    const { results } = await call<{ results: { task_id: string; status?: string }[] }>(consumer, 'tasks_query', {
      task_ids: left.slice(0, 20),
    });
    const ended = new Set(results.filter(({ status }) => status === 'finished').map(({ task_id }) => task_id));
    left = left.filter((task_id) => !ended.has(task_id));
    if (results.some(({ status }) => status === 'failed')) throw new Error('A task has failed.');
  }
}

async function call<Reply>({ url, key }: Consumer, name: string, body: object): Promise<Reply> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Reply;
}
