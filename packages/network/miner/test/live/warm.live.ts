// Two real ComfyUIs and two models, which take their time to load: whether miners measure that time, and whether they load less often
// than miners that say nothing of models. The truth is what the ComfyUIs write into their logs.
//   COMFYUI_FOLDER=<clone> COMFYUI_PYTHON=<its Python> npm run pnpm -- test:comfyui warm
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import {
  type ComfyuiPlace,
  findComfyui,
  type LoggedRun,
  type RealComfyui,
  startComfyui,
} from '@heurist/test-servers/comfyui';
import { createRandom, pick } from '@heurist/test-servers/random';
import { writeStandInCheckpoint } from '@heurist/test-servers/stand-in-checkpoint';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createMiner, type Miner } from '../../src/index.ts';
import { SequencerClient } from '../../src/sequencer/sequencer-client.ts';

const WIDTHS = { small: [1, 2], large: [1, 2, 4] } as const;
type Model = keyof typeof WIDTHS;
const MODELS = Object.keys(WIDTHS) as Model[];
const keyOf = (model: Model) => `${model}.safetensors`;

const workflows = MODELS.map((model) =>
  defineWorkflow({
    workflow_id: model,
    task_type: 'draw',
    title: model,
    parameters: z.strictObject({ seed: z.int() }),
    graph: {
      model: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: keyOf(model) } },
      prompt: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['model', 1] } },
      latent: { class_type: 'EmptyLatentImage', inputs: { width: 32, height: 32, batch_size: 1 } },
      draw: {
        class_type: 'KSampler',
        inputs: {
          model: ['model', 0],
          positive: ['prompt', 0],
          negative: ['prompt', 0],
          latent_image: ['latent', 0],
          seed: 0,
          steps: 2,
          cfg: 1,
          sampler_name: 'euler',
          scheduler: 'normal',
          denoise: 1,
        },
      },
      decode: { class_type: 'VAEDecode', inputs: { samples: ['draw', 0], vae: ['model', 2] } },
      save: { class_type: 'SaveImage', inputs: { images: ['decode', 0], filename_prefix: model } },
    },
    bindings: { seed: 'draw.seed' },
    files: {},
    outputs: ['save'],
    requirements: { models: [{ folder: 'checkpoints', filename: keyOf(model) }] },
  }),
);

const SLOTS = 2;
/** On a machine that is busy. */
const TEST_MS = 600_000;

/** Remembers the last load time that was told of each model. */
class Listening extends SequencerClient {
  readonly told = new Map<string, number>();

  override async claim(...[claim_id, ids, lacks, signal, warm]: Parameters<SequencerClient['claim']>) {
    for (const { key, load_ms } of warm ?? []) if (load_ms !== undefined) this.told.set(key, load_ms);
    return await super.claim(claim_id, ids, lacks, signal, warm);
  }
}

/** Says nothing of models, as miners of the versions before. */
class Silent extends SequencerClient {
  override async claim(...[claim_id, ids, lacks, signal]: Parameters<SequencerClient['claim']>) {
    return await super.claim(claim_id, ids, lacks, signal);
  }
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const sumOf = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0);

const place = findComfyui();
const isMissing = typeof place === 'string';
if (isMissing) console.warn(`warm routing on two real ComfyUIs is skipped: ${place}`);

describe.skipIf(isMissing)(`warm routing on two real ComfyUIs${isMissing ? `: ${place}` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'warm-live-'));
  const models = join(folder, 'models');
  let comfyuis: RealComfyui[] = [];
  let sequencer: Sequencer;
  let url: string;
  let minerKey: string;
  let api_key: string;
  let miners: Miner[] = [];
  let seed = 0;

  beforeAll(async () => {
    mkdirSync(join(models, 'checkpoints'), { recursive: true });
    for (const [index, model] of MODELS.entries())
      writeStandInCheckpoint(join(models, 'checkpoints', keyOf(model)), WIDTHS[model], index);
    const start = (name: string) => startComfyui(place as ComfyuiPlace, join(folder, name), models);
    comfyuis = await Promise.all(['one', 'two'].map(start));
    sequencer = await createSequencer({
      database: await openDatabase(),
      artifacts: createFolderStore(join(folder, 'artifacts')),
      workflows,
    });
    url = await sequencer.listen();
    minerKey = await sequencer.createKey('miner', 'rig');
    api_key = (await sequencer.createKey('consumer', 'acme')).split('#')[1]!;
  });
  afterEach(async () => {
    await Promise.all(miners.map((miner) => miner.stop()));
    miners = [];
  });
  afterAll(async () => {
    await sequencer?.close();
    await Promise.all(comfyuis.map((comfyui) => comfyui.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  async function call(name: string, body: object): Promise<any> {
    const response = await fetch(`${url}/${name}`, { method: 'POST', body: JSON.stringify({ api_key, ...body }) });
    return await response.json();
  }

  async function create(workflow_id: Model): Promise<string> {
    const task_details = { parameters: { seed: seed++ } };
    return (await call('task_create', { task_type: 'draw', workflow_id, task_details, job_id: randomUUID() })).task_id;
  }

  async function untilFinished(task_id: string): Promise<void> {
    const statusOf = async () => (await call('task_result_query', { task_id })).status;
    await expect.poll(statusOf, { timeout: TEST_MS, interval: 100 }).toBe('finished');
  }

  async function startMiner(comfyui: RealComfyui, Protocol: typeof SequencerClient): Promise<SequencerClient> {
    const protocol = new Protocol(url, minerKey, { slots: SLOTS });
    const miner = createMiner({ sequencer: url, key: minerKey, comfyui: comfyui.url, workflows, protocol });
    miners.push(miner);
    await miner.start();
    return protocol;
  }

  test(
    'what a miner says that a load costs is right within 20 %',
    async () => {
      const [comfyui] = comfyuis as [RealComfyui];
      const { told } = (await startMiner(comfyui, Listening)) as Listening;
      const order = Array.from({ length: 5 }, () => ['small', 'small', 'large', 'large'] as const).flat();
      for (const model of order) await untilFinished(await create(model));
      // one task at a time: they ran in this order
      const runs = comfyui.runs.map((run, index) => ({ ...run, model: order[index] }));
      expect(runs.map(({ loads }) => loads)).toEqual(order.map((_, index) => (index % 2 ? 0 : 1)));
      expect(miners[0]!.status().model_switches).toBe(order.length / 2);
      // what is held is told with the next claim
      await expect.poll(() => told.size).toBe(MODELS.length);
      for (const model of MODELS) {
        const own = (loads: number) => runs.filter((run) => run.model === model && run.loads === loads);
        const loadOf = (pick: (run: LoggedRun) => number) => median(own(1).map(pick)) - median(own(0).map(pick));
        const [truth, whole] = [loadOf(({ readySeconds }) => readySeconds), loadOf(({ seconds }) => seconds)];
        const said = told.get(keyOf(model))! / 1000;
        const seconds = [truth, said, whole].map((each) => each.toFixed(2));
        console.log(`${model}: loads in ${seconds[0]} s, told ${seconds[1]} s; whole runs differ by ${seconds[2]} s`);
        expect(Math.abs(said / truth - 1)).toBeLessThan(0.2);
      }
    },
    TEST_MS,
  );

  const COUNT = 20;

  test(
    `${COUNT} tasks of both models in random order cost fewer loads`,
    async () => {
      const loadsOf = () => sumOf(comfyuis.flatMap(({ runs }) => runs.map(({ loads }) => loads)));
      async function countLoads(Protocol: typeof SequencerClient): Promise<number> {
        // both begin without a model
        for (const comfyui of comfyuis) {
          const body = JSON.stringify({ unload_models: true, free_memory: true });
          await fetch(`${comfyui.url}/free`, { method: 'POST', body });
        }
        const random = createRandom(1);
        const before = loadsOf();
        const task_ids: string[] = [];
        for (let count = 0; count < COUNT; count++) task_ids.push(await create(pick(random, MODELS)));
        const started = performance.now();
        await Promise.all(comfyuis.map((comfyui) => startMiner(comfyui, Protocol)));
        for (const task_id of task_ids) await untilFinished(task_id);
        const seconds = (performance.now() - started) / 1000;
        await Promise.all(miners.splice(0).map((miner) => miner.stop()));
        const loads = loadsOf() - before;
        console.log(`${Protocol.name}: ${loads} loads in ${COUNT} runs, ${seconds.toFixed(0)} s`);
        return loads;
      }
      const before = await countLoads(Silent);
      const now = await countLoads(SequencerClient);
      expect(now).toBeGreaterThanOrEqual(MODELS.length);
      expect(now).toBeLessThanOrEqual(before / 2);
    },
    TEST_MS,
  );
});
