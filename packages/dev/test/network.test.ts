import { Heurist, type HeuristError, WorkflowTask, type WorkflowTaskResult } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalNetwork, startLocalNetwork } from '../src/index.ts';
import { enlarge, impossible, invert } from './workflows.ts';

let network: LocalNetwork;
let heurist: Heurist;
const warnings: { message: string; fields: Record<string, unknown> | undefined }[] = [];
const logged: string[] = [];

beforeAll(async () => {
  const log = (message: string, fields?: Record<string, unknown>) => void logged.push(message, JSON.stringify(fields));
  const warn = (message: string, fields?: Record<string, unknown>) => {
    warnings.push({ message, fields });
    log(message, fields);
  };
  network = await startLocalNetwork({
    workflows: [impossible, invert, enlarge],
    allowPrivateInputs: false,
    logger: { info: log, warn, error: log },
  });
  heurist = new Heurist({ apiKey: network.apiKey, workflowURL: network.url });
});
afterAll(() => network.close());

class AnyTask extends WorkflowTask {
  readonly #definition: WorkflowDefinition;
  readonly #parameters: object;
  constructor(definition: WorkflowDefinition, parameters: object) {
    super({ workflow_id: definition.workflow_id });
    this.#definition = definition;
    this.#parameters = parameters;
  }
  get task_type() {
    return this.#definition.task_type;
  }
  get task_details() {
    return { parameters: this.#parameters };
  }
}

const picture = (width: number, height: number, background = { r: 10, g: 200, b: 100 }) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as HeuristError,
  );

/** The network still does its work. */
async function expectHealthy() {
  const image = await heurist.workflow.uploadFile(await picture(8, 6));
  const { outputs } = await heurist.workflow.run(new AnyTask(invert, { image }), { timeout: 20_000 });
  const bytes = Buffer.from(await (await fetch(outputs[0]!.url)).arrayBuffer());
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  // 54, not 55: like ComfyUI, the engine cuts off 54.99999 when it saves
  expect([...data.subarray(0, 3)]).toEqual([245, 54, 155]);
  expect(outputs[0]).toMatchObject({
    kind: 'image',
    content_type: 'image/png',
    width: 8,
    height: 6,
    node_id: 'save',
    size: bytes.length,
  });
}

test('a picture goes through the whole network', expectHealthy);

test('a task that names no workflow gets one that this machine can run', async () => {
  const task = new AnyTask(impossible, { image: await heurist.workflow.uploadFile(await picture(8, 6)) });
  delete task.workflow_id;
  const { status, workflow_id } = await heurist.workflow.executeWorkflowAndWaitForResult(task, 20_000);
  expect({ status, workflow_id }).toEqual({ status: 'finished', workflow_id: 'invert' });
});

test('the network says what it runs, and what it lacks for the rest', async () => {
  const { miners, workflows } = await heurist.workflow.networkStatus();
  const lacks = { impossible: ['node class SamplerCustom'] };
  expect(miners).toEqual([{ miner_id: 'local', is_busy: false, workflow_ids: ['invert', 'enlarge'], lacks }]);
  const found = workflows.map(({ workflow_id, miners }) => [workflow_id, miners]);
  expect(found).toEqual([
    ['invert', 1],
    ['enlarge', 1],
    ['impossible', 0],
  ]);
});

test('the same task again makes a new file, although ComfyUI has everything cached', async () => {
  const image = await heurist.workflow.uploadFile(await picture(8, 6));
  const [one, two] = [1, 2].map(() => heurist.workflow.run(new AnyTask(invert, { image })));
  const [first, second] = [await one!, await two!];
  expect(first.outputs[0]?.url).not.toBe(second.outputs[0]?.url);
  expect(first.outputs[0]?.sha256).toBe(second.outputs[0]?.sha256);
  expect(first.outputs[0]?.filename).not.toBe(second.outputs[0]?.filename);
});

test('progress, preview and the model that was used are reported', async () => {
  const seen: WorkflowTaskResult[] = [];
  const task_id = await heurist.workflow.executeWorkflow(new AnyTask(enlarge, { width: 300 }));
  const result = await heurist.workflow
    .task(task_id)
    .wait({ onProgress: (state) => seen.push(state), timeout: 60_000 });
  expect(result).toMatchObject({
    status: 'finished',
    models: { 'big.pth': '4x-animevideov3.onnx' },
    parameters: { width: 300 },
    timings: { queued_ms: expect.any(Number), run_ms: expect.any(Number), upload_ms: expect.any(Number) },
  });
  const running = seen.filter(({ status }) => status === 'running');
  const percents = running.map(({ progress }) => progress?.percent ?? 0);
  expect(percents.length).toBeGreaterThan(1);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(running.some(({ progress }) => progress?.node === 'ImageUpscaleWithModel')).toBe(true);
  expect(running.some(({ progress }) => progress?.preview?.startsWith('data:image/jpeg;base64,'))).toBe(true);
});

test('what cannot run here is said, with what is missing', () => {
  const missing = Object.fromEntries(network.checks.map((check) => [check.workflow_id, check.missing]));
  expect(missing).toEqual({ invert: [], enlarge: [], impossible: ['node class SamplerCustom'] });
});

describe('cancel', () => {
  test('reaches a running graph within moments, and the network goes on', async () => {
    const stop = new AbortController();
    const ended = failureOf(
      heurist.workflow.run(new AnyTask(enlarge, { width: 4000 }), {
        signal: stop.signal,
        onProgress: ({ status, progress }) => {
          if (status === 'running' && progress?.percent) stop.abort();
        },
      }),
    );
    const error = await ended;
    expect(error).toMatchObject({ code: 'aborted', task_id: expect.any(String) });
    await expect.poll(() => heurist.workflow.queryTaskResult(error!.task_id!)).toMatchObject({ status: 'canceled' });
    const queue = async () => await (await fetch(`${network.comfyuiUrl}/queue`)).json();
    await expect.poll(queue, { timeout: 15_000 }).toEqual({ queue_running: [], queue_pending: [] });
    await expectHealthy();
  });
});

describe('bad input ends in a typed error, and the network goes on working', () => {
  const uploads: [string, () => Promise<Buffer>, string, RegExp][] = [
    ['a truncated PNG', async () => (await picture(400, 400)).subarray(0, 300), 'input_invalid', /damaged/],
    ['60 megapixels and more', () => picture(11_000, 6200), 'input_too_large', /megapixels.*smaller/],
  ];
  test.each(uploads)('%s', async (_, make, code, message) => {
    const image = await heurist.workflow.uploadFile(await make());
    const error = await failureOf(heurist.workflow.run(new AnyTask(invert, { image })));
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      task_id: expect.any(String),
      isRetryable: false,
    });
    await expectHealthy();
  });

  test.each([
    ['an address that leads nowhere', 'http://no-such-host.invalid/x.png', 'input_unreachable'],
    ['an address in this network', 'http://127.0.0.1:1/x.png', 'input_unreachable'],
    ['something that is no address', 'nonsense', 'input_unreachable'],
  ])('%s', async (_, image, code) => {
    const error = await failureOf(heurist.workflow.run(new AnyTask(invert, { image })));
    expect(error).toMatchObject({ code, message: expect.stringContaining('uploadFile') });
  });

  test('a text file behind a picture name, sent by a client that does not look', async () => {
    const text = Buffer.from('this is text, not a picture');
    const [consumer_id, api_key] = network.apiKey.split('#');
    const body = JSON.stringify({ consumer_id, api_key, content_type: 'image/png', bytes: text.length });
    const slot = (await (await fetch(`${network.url}/file_create`, { method: 'POST', body })).json()) as Record<
      string,
      string
    >;
    const reply = await fetch(slot.upload_url!, { method: 'PUT', body: text });
    expect([reply.status, await reply.json()]).toMatchObject([400, { message: expect.stringContaining('image/png') }]);
    // and one who uses it all the same learns that it is not there
    const error = await failureOf(heurist.workflow.run(new AnyTask(invert, { image: slot.url })));
    expect(error).toMatchObject({ code: 'input_unreachable', message: expect.stringContaining('404') });
    await expectHealthy();
  });

  test('an unknown parameter and an unknown workflow are refused at the submit', async () => {
    const submit = (task: WorkflowTask) => failureOf(heurist.workflow.executeWorkflow(task));
    expect(await submit(new AnyTask(invert, { image: 'http://x/y.png', steps: 3 }))).toMatchObject({
      code: 'invalid_parameters',
    });
    const unknown = new AnyTask({ ...invert, workflow_id: 'nope' }, { image: 'x' });
    expect(await submit(unknown)).toMatchObject({
      code: 'unknown_workflow',
      message: expect.stringContaining('invert'),
    });
  });

  test('a wrong key', async () => {
    const wrong = new Heurist({ apiKey: 'local#wrong', workflowURL: network.url });
    expect(await failureOf(wrong.workflow.run(new AnyTask(enlarge, {})))).toMatchObject({ code: 'unauthorized' });
  });
});

test('neither keys nor addresses of files get into the log', () => {
  const text = logged.join('\n');
  expect(text).toContain('task created');
  expect(text).not.toContain(network.apiKey.split('#')[1]);
  expect(text).not.toContain('signature=');
});
