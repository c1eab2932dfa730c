import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import HeuristDefault, * as heurist from '../src/index.ts';
import { APIResource } from '../src/resource.ts';
import * as workflow from '../src/workflow.ts';

const { Heurist, UpscalerTask, FluxLoraTask, Text2VideoTask } = heurist;
const apiKey = 'acme#secret-key';
const prompt = 'a red fox';

/**
 * A sequencer that finishes every task at once.
 *
 * @param consumer_id - the only one that it takes. Default: any
 */
async function startSequencer(consumer_id?: string) {
  const calls: { name: string; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const name = request.url!.slice(1);
    const body = JSON.parse(await text(request));
    calls.push({ name, body });
    const result = { task_id: 't1', status: 'finished', result: 'https://x/1.png', parameters: { seed: 7 } };
    response.setHeader('content-type', 'application/json');
    if (name === 'task_events') response.statusCode = 404;
    if (consumer_id && name === 'task_create' && body.consumer_id !== consumer_id) {
      response.statusCode = 401;
      response.end(JSON.stringify({ code: 'unauthorized', message: 'The key is not valid.' }));
      return;
    }
    response.end(JSON.stringify(name === 'task_create' ? { task_id: 't1' } : result));
  });
  const workflowURL = await listen(server, 0, '127.0.0.1');
  return {
    calls,
    workflowURL,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const warn = vi.spyOn(console, 'warn');
beforeEach(() => warn.mockReset().mockImplementation(() => {}));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => warn.mockRestore());

test('every name of 0.0.43 is there', () => {
  expect(HeuristDefault).toBe(Heurist);
  expect(heurist).toMatchObject({ Images: expect.anything(), SmartGen: expect.anything(), ...workflow });
  expect(Object.keys(workflow)).toEqual(
    expect.arrayContaining(['Workflow', 'WorkflowTaskType', 'UpscalerTask', 'FluxLoraTask', 'Text2VideoTask']),
  );
  expect(new HeuristDefault({ apiKey }).images).toBeInstanceOf(APIResource);
});

test('its own calls work on a task of each kind', async () => {
  await using sequencer = await startSequencer();
  const client = new Heurist({ apiKey, workflowURL: sequencer.workflowURL });
  const tasks = [
    new UpscalerTask({ consumer_id: 'acme', image_url: 'https://x/a.jpg', timeout_seconds: 300 }),
    new FluxLoraTask({ prompt, lora_name: 'anime' }),
    new Text2VideoTask({ prompt, fps: 16 }),
  ];
  for (const task of tasks) {
    expect(await client.workflow.createTask(task)).toBe('t1');
    expect((await client.workflow.executeWorkflowAndWaitForResult(task, 300_000, 1000)).status).toBe('finished');
  }
  expect(await client.workflow.resourceRequest('acme', '1', 'upscaler')).toBe('any');
  expect(sequencer.calls[0]).toMatchObject({
    name: 'task_create',
    body: { consumer_id: 'acme', task_type: 'upscaler' },
  });
});

test('a consumer id of its own is kept where it is taken; else the key decides, which is said once', async () => {
  await using free = await startSequencer();
  const task = new UpscalerTask({ consumer_id: 'example-id', image_url: 'https://x/a.jpg', timeout_seconds: 300 });
  await new Heurist({ apiKey, workflowURL: free.workflowURL }).workflow.executeWorkflow(task);
  expect(free.calls).toMatchObject([{ body: { consumer_id: 'example-id', api_key: 'secret-key' } }]);
  await using strict = await startSequencer('acme');
  const client = new Heurist({ apiKey, workflowURL: strict.workflowURL });
  const result = await client.workflow.executeWorkflowAndWaitForResult(task, 300_000, 1000);
  expect(result.status).toBe('finished');
  await client.workflow.executeWorkflow(task);
  const sent = strict.calls.filter(({ name }) => name === 'task_create').map(({ body }) => body);
  expect(sent.map(({ consumer_id }) => consumer_id)).toEqual(['example-id', 'acme', 'acme']);
  expect(sent[1]).toMatchObject({ timeout_seconds: 300, task_type: 'upscaler' });
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/consumer_id.*not used.*API key/));
});

test('a wrong key is an error, with or without a consumer id', async () => {
  await using sequencer = await startSequencer('other');
  const client = new Heurist({ apiKey, workflowURL: sequencer.workflowURL });
  for (const consumer_id of ['example-id', undefined]) {
    const task = new UpscalerTask({ consumer_id, image_url: 'https://x/a.jpg' });
    await expect(client.workflow.executeWorkflow(task)).rejects.toMatchObject({ code: 'unauthorized' });
  }
  expect(warn).not.toHaveBeenCalled();
});

test('a picture is made from the arguments of 0.0.43', async () => {
  await using sequencer = await startSequencer();
  const client = new Heurist({ apiKey, workflowURL: sequencer.workflowURL });
  const body = {
    model: 'BrainDance',
    prompt: '1girl',
    neg_prompt: 'worst quality',
    width: 1024,
    height: 768,
    seed: -1,
  };
  const image = await client.images.generate({ ...body, num_iterations: 25, guidance_scale: 7.5 });
  // the seed that was drawn
  expect(image).toEqual({ url: 'https://x/1.png', ...body, num_iterations: 25, guidance_scale: 7.5, seed: 7 });
  const { body: sent } = sequencer.calls[0]!;
  expect(sent).toMatchObject({
    workflow_id: 'sd15',
    task_details: {
      parameters: { prompt: '1girl', negative_prompt: 'worst quality', steps: 25, cfg: 7.5, width: 1024, height: 768 },
    },
  });
  expect((sent.task_details as { parameters: object }).parameters).not.toHaveProperty('seed');
  expect(sent.job_id).toMatch(/^sdk-image-/);
});

test('a model alone is enough, and 0 means the default, as in 0.0.43', async () => {
  await using sequencer = await startSequencer();
  const client = new Heurist({ apiKey, workflowURL: sequencer.workflowURL });
  await client.images.generate({ model: 'BrainDance' });
  await client.images.generate({ model: 'BrainDance', prompt: '', width: 0, height: 0, num_iterations: 0 });
  const created = sequencer.calls.filter(({ name }) => name === 'task_create');
  expect(created.map(({ body }) => body.task_details)).toEqual([
    { parameters: { prompt: ' ' } },
    { parameters: { prompt: ' ' } },
  ]);
});

test('FLUX has a guidance and no negative prompt', async () => {
  await using sequencer = await startSequencer();
  const client = new Heurist({ apiKey, workflowURL: sequencer.workflowURL });
  await client.images.generate({ model: 'FLUX.1-dev', prompt, neg_prompt: 'fog', guidance_scale: 3, seed: 5 });
  expect(sequencer.calls[0]!.body).toMatchObject({ workflow_id: 'flux-dev' });
  expect(sequencer.calls[0]!.body.task_details).toEqual({ parameters: { prompt, guidance: 3, seed: 5 } });
});

test('an unknown model goes to the default graph, with a warning; the caller can name its graph', async () => {
  await using sequencer = await startSequencer();
  const { workflowURL, calls } = sequencer;
  for (let count = 0; count < 2; count++)
    await new Heurist({ apiKey, workflowURL }).images.generate({ model: 'Philand', prompt });
  expect(calls[0]!.body).not.toHaveProperty('workflow_id');
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/"Philand" is not known.*models: { "Philand"/));
  calls.length = 0;
  await new Heurist({ apiKey, workflowURL, models: { philand: 'qwen-image' } }).images.generate({
    model: 'Philand',
    prompt,
  });
  expect(calls[0]!.body).toMatchObject({ workflow_id: 'qwen-image' });
});

test('a base URL is taken, not used, and that is said once', () => {
  vi.stubEnv('HEURIST_BASE_URL', 'https://images.example');
  expect(new Heurist({ apiKey }).baseURL).toBe('https://images.example');
  expect(new Heurist({ apiKey, baseURL: 'https://other.example' }).baseURL).toBe('https://other.example');
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/baseURL.*not used.*workflowURL/));
});

test('what has no counterpart says so', async () => {
  await expect(new Heurist({ apiKey }).smartgen.generateImage({ description: 'a fox' })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/smartgen.*images\.generate/),
  });
});
