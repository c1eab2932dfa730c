// Against a real ComfyUI: `COMFYUI_URL=http://127.0.0.1:8188 pnpm test:comfyui`. What the server needs to have is in
// docs/comfyui-compatibility.md. Tests of what it lacks say so and are skipped.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient, type ComfyError, type NodeErrors, validateGraph } from '@heurist/comfyui';
import { Heurist, type TaskOutput } from '@heurist/core';
import { bind, bindModels, defineWorkflow } from '@heurist/core/definition';
import { saveOutput } from '@heurist/core/node';
import { Image2ImageTask } from '@heurist/image2image';
import { InpaintTask } from '@heurist/inpaint';
import { checkWorkflows, createMiner, type Miner, type WorkflowCheck } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { DefinitionTask } from '../../src/workflows/definition-task.ts';
import { workflows as allWorkflows } from '../../src/workflows/workflows.ts';
import { parameterCases } from '../parameter-cases.ts';
import { createRandom, mutateGraph } from './mutate-graph.ts';

const url = process.env.COMFYUI_URL;
if (!url) throw new Error('Set COMFYUI_URL to the address of a ComfyUI, such as http://127.0.0.1:8188.');
const comfyui = new ComfyClient({ url });
/** Our own checkpoint is in a form that only the engine reads. */
const workflows = allWorkflows.filter(
  ({ requirements }) => !requirements.models.some(({ filename }) => filename === 'tiny-icons'),
);
const out = join(import.meta.dirname, '../../../../out/comfyui');
const none = { bindings: {}, parameters: z.strictObject({}), task_type: 'probe', outputs: ['save'] };
const emptyImage = { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 8, color: 0x3366cc } };

/** Saving video and sound, without a model. */
const probes = [
  defineWorkflow({
    ...none,
    workflow_id: 'probe-video',
    title: 'SaveVideo',
    graph: {
      images: emptyImage,
      video: { class_type: 'CreateVideo', inputs: { images: ['images', 0], fps: 8 } },
      save: {
        class_type: 'SaveVideo',
        inputs: { video: ['video', 0], filename_prefix: 'probe/video', format: 'auto', codec: 'auto' },
      },
    },
  }),
  defineWorkflow({
    ...none,
    workflow_id: 'probe-webp',
    title: 'SaveAnimatedWEBP',
    graph: {
      images: emptyImage,
      save: {
        class_type: 'SaveAnimatedWEBP',
        inputs: {
          images: ['images', 0],
          filename_prefix: 'probe/webp',
          fps: 8,
          lossless: false,
          quality: 80,
          method: 'default',
        },
      },
    },
  }),
  defineWorkflow({
    ...none,
    workflow_id: 'probe-audio',
    title: 'SaveAudioMP3',
    graph: {
      audio: { class_type: 'EmptyAudio', inputs: { duration: 1, sample_rate: 44100, channels: 2 } },
      save: {
        class_type: 'SaveAudioMP3',
        inputs: { audio: ['audio', 0], filename_prefix: 'probe/audio', quality: 'V0' },
      },
    },
  }),
];

const dataDir = mkdtempSync(join(tmpdir(), 'comfyui-live-'));
let sequencer: Sequencer;
let miner: Miner;
let checks: WorkflowCheck[];
let heurist: Heurist;
let image_url: string;
let mask_url: string;

beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  const all = [...workflows, ...probes];
  sequencer = await createSequencer({
    database: await openDatabase(),
    artifacts: createFolderStore(join(dataDir, 'artifacts')),
    workflows: all,
  });
  const sequencerUrl = await sequencer.listen({ port: 0 });
  const key = await sequencer.createKey('miner', 'live');
  miner = createMiner({ sequencer: sequencerUrl, key, comfyui: url, workflows: all });
  checks = await miner.start();
  heurist = new Heurist({ workflowURL: sequencerUrl, apiKey: await sequencer.createKey('consumer', 'live') });
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 200, g: 80, b: 20 } } });
  image_url = await heurist.workflow.uploadFile(await picture.png().toBuffer());
  const hole = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#fff' } })
    .extend({ left: 16, right: 16, top: 16, bottom: 16, background: '#000' })
    .png()
    .toBuffer();
  mask_url = await heurist.workflow.uploadFile(hole);
}, 120_000);
afterAll(async () => {
  await miner?.stop();
  await sequencer?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('every graph is accepted, with the fewest parameters and with each at its ends', () => {
  test.each(workflows)('$workflow_id', async (definition) => {
    const grey = sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } });
    const bytes = new Blob([new Uint8Array(await grey.png().toBuffer())]);
    const upload = await comfyui.upload({ bytes, filename: 'heurist-live.png' });
    const files = Object.fromEntries(Object.keys(definition.files).map((name) => [name, upload]));
    const [check] = await checkWorkflows(comfyui, [definition]);
    for (const parameters of parameterCases(definition)) {
      const prompt_id = crypto.randomUUID();
      const graph = bindModels(bind(definition, { ...parameters, ...files }), check?.models ?? {});
      // throws unless the answer is 200 without node errors
      await comfyui.submit({ graph, prompt_id });
      await comfyui.cancel(prompt_id);
    }
  });
});

describe('the validator never takes what the server refuses, and nearly always says the same', () => {
  const COUNT = 300;

  test(`${COUNT} spoiled graphs`, async () => {
    const random = createRandom(1);
    const info = await comfyui.objectInfo();
    let same = 0;
    for (let number = 0; number < COUNT; number++) {
      const definition = workflows[number % workflows.length]!;
      const files = Object.fromEntries(Object.keys(definition.files).map((name) => [name, 'heurist-live.png']));
      const { graph, what } = mutateGraph(bind(definition, files), random);
      const prompt_id = crypto.randomUUID();
      const [theirs] = await Promise.allSettled([comfyui.submit({ graph, prompt_id })]);
      if (theirs.status === 'fulfilled') await comfyui.cancel(prompt_id);
      const hasInputFile = (name: string) => name === 'heurist-live.png';
      const { error, nodeErrors } = validateGraph(graph, info, { hasInputFile });
      const refused = theirs.status === 'rejected' ? (theirs.reason as ComfyError) : undefined;
      if (refused) expect([definition.workflow_id, what, error?.type]).not.toContain(undefined);
      if (summary(refused?.nodeErrors ?? {}) === summary(nodeErrors)) same++;
    }
    console.log(`${same} of ${COUNT} answers were the same`);
    // the others: newer combos and cycles, which only ours names, and the order of Python's sets after an exception
    expect(same).toBeGreaterThan(COUNT * 0.85);
  });

  const summary = (errors: NodeErrors) =>
    JSON.stringify(
      Object.entries(errors)
        .map(([id, { errors }]) => [id, errors.map(({ type }) => type).toSorted()])
        .toSorted(),
    );
});

async function save(output: TaskOutput, name: string) {
  return await saveOutput(output, join(out, name));
}

const canRun = (workflow_id: string) => checks.find((check) => check.workflow_id === workflow_id)?.missing.length === 0;

describe('runs through SDK, sequencer and miner', () => {
  test('text2image sd15: the picture decodes, and its seed is told', async () => {
    expect(canRun('sd15')).toBe(true);
    const least = { workflow_id: 'sd15' as const, prompt: 'a fox', width: 64, height: 64, steps: 2 };
    const { image, images, seed } = await heurist.workflow.run(new Text2ImageTask({ ...least, batch_size: 2 }));
    expect(images).toHaveLength(2);
    const first = await sharp(await save(image, 'sd15.png'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(first.info).toMatchObject({ width: 64, height: 64, channels: 3 });
    // the same seed makes the same picture, another one another
    const pixels = async (options: { seed?: number | undefined }) => {
      const again = await heurist.workflow.run(new Text2ImageTask({ ...least, batch_size: 2, ...options }));
      expect(again.seed).toBe(options.seed ?? again.seed);
      return await sharp(await save(again.image, 'sd15-again.png'))
        .raw()
        .toBuffer();
    };
    expect((await pixels({ seed })).equals(first.data)).toBe(true);
    expect((await pixels({ seed: 0 })).equals(first.data)).toBe(false);
  });

  test('image2image sd15', async () => {
    const options = { prompt: 'a fox', image_url, width: 72, height: 64, steps: 3, denoise: 0.7 };
    const task = new Image2ImageTask({ workflow_id: 'sd15-img2img', ...options });
    const { image, seed } = await heurist.workflow.run(task);
    expect(await sharp(await save(image, 'sd15-img2img.png')).metadata()).toMatchObject({ width: 72, height: 64 });
    expect(seed).toEqual(expect.any(Number));
  });

  test.each(['red', 'alpha'] as const)('inpaint sd15, by the %s channel of the mask', async (mask_channel) => {
    const options = { prompt: 'a fox', image_url, mask_url, mask_channel, steps: 3 };
    const { image } = await heurist.workflow.run(new InpaintTask({ workflow_id: 'sd15-inpaint', ...options }));
    const path = await save(image, `sd15-inpaint-${mask_channel}.png`);
    expect(await sharp(path).metadata()).toMatchObject({ width: 64, height: 64 });
  });

  test.each([2, 4] as const)('upscaler, %i times, by the network that is there', async (scale) => {
    const result = await heurist.workflow.executeWorkflowAndWaitForResult(new UpscalerTask({ image_url, scale }));
    expect(result.status).toBe('finished');
    const path = await save(result.outputs![0]!, `upscaler-${scale}.png`);
    expect(await sharp(path).metadata()).toMatchObject({ width: 64 * scale, height: 64 * scale });
  });

  test.each([
    ['probe-video', 'video', 'video/mp4'],
    ['probe-webp', 'video', 'image/webp'],
    ['probe-audio', 'audio', 'audio/mpeg'],
  ])('%s', async (workflow_id, kind, content_type) => {
    const task = new DefinitionTask(probes.find((probe) => probe.workflow_id === workflow_id)!, {});
    const { outputs } = await heurist.workflow.run(task);
    expect(outputs).toMatchObject([{ kind, content_type }]);
    await save(outputs[0]!, `${workflow_id}.${content_type.split('/')[1]}`);
  });
});
