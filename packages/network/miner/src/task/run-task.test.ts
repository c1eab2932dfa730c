import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { ComfyError } from '@heurist/comfyui';
import type { TaskProgress } from '@heurist/core';
import { defineWorkflow, type Graph, rawWorkflow } from '@heurist/core/definition';
import { listen } from '@heurist/server-kit/listen';
import { readSaved } from '@heurist/test-servers/recordings';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { MAX_INTERRUPTS, type RunContext, runTask } from './run-task.ts';

const definition = defineWorkflow({
  workflow_id: 'w',
  task_type: 'w',
  title: 'W',
  parameters: z.strictObject({
    steps: z.int(),
    seed: z.optional(z.int()),
    noise: z.optional(z.int()),
  }),
  graph: {
    model: { class_type: 'Loader', inputs: { name: 'big.pth', other: 'rest.pth' } },
    sample: { class_type: 'KSampler', inputs: { steps: 1, seed: 0, model: ['model', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['sample', 0], filename_prefix: 'w' } },
    watch: { class_type: 'PreviewImage', inputs: { images: ['sample', 0], filename_prefix: 'p' } },
  },
  bindings: { steps: 'sample.steps', seed: 'sample.seed', noise: 'sample.seed' },
  files: {},
  outputs: ['save'],
});

let ran: { graph: Graph; prompt_id: string | undefined }[];
let order: string[];
let reports: Partial<TaskProgress>[];
let context: RunContext;
let prompts: [string, object][];
beforeEach(() => {
  ran = [];
  order = [];
  reports = [];
  prompts = [];
  context = {
    comfyui: {
      async upload() {
        return 'uploaded.png';
      },
      async run(graph, { prompt_id, onProgress, onPreview } = {}) {
        order.push('run');
        ran.push({ graph, prompt_id });
        onProgress?.({ percent: 33.9, node_type: 'KSampler' });
        onPreview?.({ bytes: new Uint8Array(3), contentType: 'image/png' });
        const output = { kind: 'image', filename: 'x', subfolder: '', type: 'output' } as const;
        return {
          prompt_id: prompt_id ?? '',
          outputs: [
            { node_id: 'watch', ...output },
            { node_id: 'save', ...output },
          ],
        };
      },
    },
    policy: { sequencerUrl: 'http://127.0.0.1:1' },
    rawNodes: new Set(),
    signal: new AbortController().signal,
    inputSalt: '',
    report: (progress) => reports.push(progress),
    onFetch: () => order.push('fetch'),
    onStart: () => order.push('start'),
    onStep: () => order.push('step'),
    onHidden: (host) => order.push(`hidden ${host}`),
    onInput: async (name) => void order.push(name),
    onPrompt: async ({ prompt_id, run }) => {
      await new Promise(setImmediate);
      order.push('noted');
      prompts.push([prompt_id, run]);
    },
    onInterrupted: () => order.push('interrupted'),
  };
});

const check = {
  workflow_id: 'w',
  definition,
  models: { 'big.pth': 'small.pth', 'unused.pth': 'x.pth' },
  missing: [],
  lacks: { nodes: [], models: [] },
  versions: { comfyui: '7' },
  info: {},
};
const run = (parameters: object) =>
  runTask(
    { task_id: 't-1', lease_id: 'l', workflow_id: 'w', task_details: { parameters }, heartbeat_seconds: 5 },
    check,
    context,
  );

test('runs the graph with its parameters, models and a prefix of its own', async () => {
  const result = await run({ steps: 9, seed: 4 });
  expect(ran[0]?.graph.sample?.inputs).toMatchObject({ steps: 9, seed: 4 });
  expect(ran[0]?.graph.model?.inputs).toEqual({ name: 'small.pth', other: 'rest.pth' });
  expect(ran[0]?.graph.save?.inputs.filename_prefix).toBe(`w-t-1-${ran[0]?.prompt_id?.slice(0, 8)}`);
  // only what is an output
  expect(ran[0]?.graph.watch?.inputs.filename_prefix).toBe('p');
  expect(result).toEqual({
    outputs: [{ node_id: 'save', kind: 'image', filename: 'x', subfolder: '', type: 'output' }],
    parameters: { steps: 9, seed: 4 },
    models: { 'big.pth': 'small.pth' },
    versions: { comfyui: '7' },
  });
});

test('the graph of the definition is not changed', async () => {
  const before = structuredClone(definition.graph);
  await run({ steps: 9 });
  expect(definition.graph).toEqual(before);
});

test('the prompt is noted before it is queued, with what is known by then', async () => {
  const { outputs, ...facts } = await run({ steps: 9, seed: 4 });
  expect(order).toEqual(['noted', 'run']);
  expect(prompts).toEqual([[ran[0]?.prompt_id, facts]]);
  expect(ran[0]?.prompt_id).toMatch(/^[0-9a-f-]{36}$/);
});

test('progress goes up in whole percents, and previews too', async () => {
  await run({ steps: 1 });
  expect(reports).toEqual([{ percent: 33, node: 'KSampler' }, { preview: 'data:image/png;base64,AAAA' }]);
});

test('the name of a node goes up printable and bounded', async () => {
  const { run: runGraph } = context.comfyui;
  context.comfyui.run = async (graph, options) => {
    options?.onProgress?.({ percent: 1, node_type: `\u001b[2J${'x'.repeat(300)}` });
    return await runGraph(graph, options);
  };
  await run({ steps: 1 });
  expect(reports[0]).toEqual({ percent: 1, node: 'x'.repeat(200) });
});

describe('an interrupt', () => {
  /** The first prompts are interrupted. */
  const interrupt = (times: number, whenever = () => {}) => {
    const { run: runGraph } = context.comfyui;
    context.comfyui.run = async (graph, options) => {
      if (ran.length >= times) return await runGraph(graph, options);
      order.push('run');
      ran.push({ graph, prompt_id: options?.prompt_id });
      whenever();
      throw new ComfyError('interrupted', { code: 'comfyui_interrupted' });
    };
  };

  test('that nobody asked for: the graph runs again, as a prompt and under a prefix of its own', async () => {
    interrupt(2);
    const { outputs } = await run({ steps: 9, seed: 4 });
    expect(outputs).toHaveLength(1);
    expect(order).toEqual(['noted', 'run', 'interrupted', 'noted', 'run', 'interrupted', 'noted', 'run']);
    expect(prompts.map(([prompt_id]) => prompt_id)).toEqual(ran.map(({ prompt_id }) => prompt_id));
    const prefixes = ran.map(({ graph }) => graph.save?.inputs.filename_prefix);
    expect(prefixes).toEqual(ran.map(({ prompt_id }) => `w-t-1-${prompt_id?.slice(0, 8)}`));
    expect(new Set(prefixes).size).toBe(3);
  });

  test('again and again fails the run in the end', async () => {
    interrupt(Infinity);
    await expect(run({ steps: 9 })).rejects.toMatchObject({ code: 'comfyui_interrupted' });
    expect(ran).toHaveLength(MAX_INTERRUPTS + 1);
  });

  test('of a run that has ended meanwhile is not answered with another', async () => {
    const stop = new AbortController();
    context.signal = stop.signal;
    interrupt(1, () => stop.abort());
    await expect(run({ steps: 9 })).rejects.toMatchObject({ code: 'comfyui_interrupted' });
    expect(order).toEqual(['noted', 'run']);
  });
});

describe('a seed', () => {
  test('that is not given is drawn, and reported', async () => {
    const seeds = [(await run({ steps: 1 })).parameters.seed, (await run({ steps: 1 })).parameters.seed];
    expect(seeds.every((seed) => Number.isSafeInteger(seed))).toBe(true);
    expect(seeds[0]).not.toBe(seeds[1]);
    expect(ran[0]?.graph.sample?.inputs.seed).toBe(seeds[0]);
  });

  test('is not drawn if another parameter sets the same input', async () => {
    const { parameters } = await run({ steps: 1, noise: 5 });
    expect(parameters).toEqual({ steps: 1, noise: 5 });
    expect(ran[0]?.graph.sample?.inputs.seed).toBe(5);
  });

  test('that is given as undefined counts as not given', async () => {
    expect((await run({ steps: 1, seed: undefined })).parameters.seed).toEqual(expect.any(Number));
  });
});

test('parameters that the workflow does not take are refused before anything is queued', async () => {
  await expect(run({ steps: 'many' })).rejects.toMatchObject({
    code: 'invalid_parameters',
    message: expect.stringContaining('steps'),
  });
  expect(order).toEqual([]);
});

test('saves nothing under a name of its own if every node may be an output', async () => {
  const open = { ...check, definition: { ...definition, outputs: [] } };
  await runTask(
    {
      task_id: 't-2',
      lease_id: 'l',
      workflow_id: 'w',
      task_details: { parameters: { steps: 1 } },
      heartbeat_seconds: 5,
    },
    open,
    context,
  );
  expect(ran[0]?.graph.watch?.inputs.filename_prefix).toBe(`p-t-2-${ran[0]?.prompt_id?.slice(0, 8)}`);
});

describe('input files', () => {
  const png = readSaved('comfyui.png');
  let origin: string;
  let files: Server;
  beforeEach(async () => {
    files = createServer((_, response) => response.end(png));
    origin = await listen(files, 0, '127.0.0.1');
    context.policy.sequencerUrl = origin;
  });
  afterEach(() => files.close());

  const remake = defineWorkflow({
    workflow_id: 'remake',
    task_type: 'remake',
    title: 'Remake',
    parameters: z.strictObject({ image_url: z.optional(z.string()) }),
    graph: {
      load: { class_type: 'LoadImage', inputs: { image: '' } },
      save: { class_type: 'SaveImage', inputs: { images: ['load', 0] } },
    },
    bindings: { image_url: 'load.image' },
    files: { image_url: { kind: 'image', max_bytes: 1e6 } },
    outputs: ['save'],
  });
  const runRemake = (parameters: object, given = { ...check, definition: remake }) =>
    runTask(
      { task_id: 't-3', lease_id: 'l', workflow_id: 'remake', task_details: { parameters }, heartbeat_seconds: 5 },
      given as typeof check,
      context,
    );

  test('are fetched from where the sequencer says that files of the network are; what is private is reported', async () => {
    context.policy.sequencerUrl = 'http://127.0.0.1:1';
    const image_url = `${origin}/artifacts/6f1c1c52-0d0c-4a0e-9d53-0c8a1a4f2d11?expires=1&signature=x`;
    const task = { task_id: 't-4', lease_id: 'l', workflow_id: 'remake', heartbeat_seconds: 5 };
    const details = { task_details: { parameters: { image_url } } };
    const given = { ...check, definition: remake } as unknown as typeof check;
    await runTask({ ...task, ...details, file_origins: [origin] }, given, context);
    expect(order).not.toContain(`hidden ${new URL(origin).host}`);
    await expect(runTask({ ...task, ...details }, given, context)).rejects.toThrow('not a public address');
    expect(order).toContain(`hidden ${new URL(origin).host}`);
  });

  test('are fetched, handed over under the hash of their content, and left out of the report', async () => {
    const uploads: { filename: string; size: number; type: string }[] = [];
    context.comfyui.upload = async ({ bytes, filename }) => {
      uploads.push({ filename, size: bytes.size, type: bytes.type });
      return 'there.png';
    };
    const { parameters } = await runRemake({ image_url: `${origin}/secret-name.png` });
    const hash = createHash('sha256').update(png).digest('hex').slice(0, 32);
    expect(uploads).toEqual([{ filename: `heurist-${hash}.png`, size: png.length, type: 'image/png' }]);
    expect(ran[0]?.graph.load?.inputs.image).toBe('there.png');
    expect(order).toEqual(['fetch', 'there.png', 'noted', 'run']);
    context.inputSalt = 'own';
    await runRemake({ image_url: `${origin}/secret-name.png` });
    expect(uploads[1]?.filename).toMatch(/^heurist-[0-9a-f]{32}\.png$/);
    expect(uploads[1]?.filename).not.toBe(uploads[0]?.filename);
    expect(parameters).toEqual({});
    // no prefix is added where the node has none
    expect(ran[0]?.graph.save?.inputs).toEqual({ images: ['load', 0] });
  });

  test('that are not given are not fetched', async () => {
    context.comfyui.upload = () => Promise.reject(new Error('no upload'));
    await runRemake({});
    expect(ran.length).toBe(1);
  });

  test('a graph of the consumer: its files too', async () => {
    const info = {
      input: { required: { image: [[], { image_upload: true }] } },
      output: ['IMAGE'],
      output_node: false,
    };
    const save = { input: { required: { images: ['IMAGE'] } }, output: [], output_node: true };
    context.rawNodes = new Set(['LoadImage', 'SaveImage']);
    const graph = {
      1: { class_type: 'LoadImage', inputs: { image: `${origin}/x` } },
      save: { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
    };
    const raw = { ...check, definition: rawWorkflow, info: { LoadImage: info, SaveImage: save } };
    await runRemake({ graph }, raw as unknown as typeof check & { definition: typeof remake });
    expect(ran[0]?.graph['1']?.inputs.image).toBe('uploaded.png');
  });
});
