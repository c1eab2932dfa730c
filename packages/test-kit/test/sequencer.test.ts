// What an app's tests do with it, through the real client.
import { createServer } from 'node:http';
import { Heurist, type HeuristError, TaskCanceledError, TaskFailedError, WorkflowTask } from '@heurist/core';
import { verifyWebhook } from '@heurist/core/webhooks';
import { listen } from '@heurist/server-kit/listen';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions } from '@heurist/upscaler/definition';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestSequencer, type TestSequencer, type TestTask, WEBHOOK_SECRET } from '../src/index.ts';
import { look } from './raw.ts';

class EchoTask extends WorkflowTask {
  get task_type() {
    return 'echo';
  }
  get task_details() {
    return { parameters: { text: 'hello' } };
  }
}

const image_url = 'https://example.com/photo.png';
const photo = () => new UpscalerTask({ image_url });

const { setTimeout: realTimeout } = globalThis;

let sequencer: TestSequencer;
let heurist: Heurist;
beforeEach(async () => {
  sequencer = await createTestSequencer();
  heurist = new Heurist(sequencer.options);
});
afterEach(() => sequencer.close());

const failure = async (promise: Promise<unknown>) => (await promise.catch((error: unknown) => error)) as HeuristError;

test('without a plan a task finishes with a picture that can be saved', async () => {
  const { image } = await heurist.workflow.run(photo());
  expect(image).toMatchObject({ kind: 'image', content_type: 'image/png', width: 1, height: 1 });
  expect((await look(image.url)).text).toContain('PNG');
  expect(sequencer.calls[0]).toMatchObject({ name: 'task_create', body: { task_type: 'upscaler' } });
});

describe('plans', () => {
  test('finish with files of the test', async () => {
    sequencer.on(UpscalerTask).finishWith({ bytes: 'abc', content_type: 'image/webp', filename: 'a.webp', width: 9 });
    const { image } = await heurist.workflow.run(photo());
    expect(image).toMatchObject({ filename: 'a.webp', size: 3, width: 9, content_type: 'image/webp' });
    expect((await look(image.url)).text).toBe('abc');
  });

  test('finish with files made from the task, and what it ran with', async () => {
    const make = (task: TestTask) => [{ bytes: `${task.submitted.parameters.text}!` }];
    sequencer.on(EchoTask).finishWith(make, { parameters: { seed: 7 }, truncated: true });
    const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask());
    expect((await look(result.result)).text).toBe('hello!');
    expect(result.parameters).toEqual({ text: 'hello', seed: 7 });
    expect(result.truncated).toBe(true);
  });

  test('fail', async () => {
    sequencer.on(UpscalerTask).failWith('input_unreachable');
    const error = await failure(heurist.workflow.run(photo()));
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error.code).toBe('input_unreachable');
  });

  test('are canceled by the network', async () => {
    sequencer.on(UpscalerTask).cancel();
    expect(await failure(heurist.workflow.run(photo()))).toBeInstanceOf(TaskCanceledError);
  });

  test('refuse the submit', async () => {
    sequencer.on(UpscalerTask).refuseWith('unservable', { message: 'No GPU today.' });
    expect(await failure(heurist.workflow.run(photo()))).toMatchObject({
      code: 'unservable',
      message: 'No GPU today.',
    });
    expect(sequencer.tasks).toEqual([]);
  });

  test('the last one goes first, as often as it says', async () => {
    sequencer.on(UpscalerTask).finishWith();
    sequencer.on(UpscalerTask).failWith('execution_failed', { times: 1 });
    expect(await failure(heurist.workflow.run(photo()))).toMatchObject({ code: 'execution_failed' });
    await heurist.workflow.run(photo());
  });

  test('are for one task type, or all', async () => {
    sequencer.on(EchoTask).failWith('other');
    await heurist.workflow.run(photo());
    sequencer.on('*').failWith('all');
    expect(await failure(heurist.workflow.run(photo()))).toMatchObject({ code: 'all' });
  });

  test.each([UpscalerTask, class BigTask extends UpscalerTask {}, photo(), 'upscaler'])(
    'know a task by %o',
    async (match) => {
      sequencer.on(match).failWith('known');
      expect(await failure(heurist.workflow.run(photo()))).toMatchObject({ code: 'known' });
    },
  );

  test.each([undefined, {}, '', class {}])('refuse %o as a task', (match) => {
    expect(() => sequencer.on(match as never)).toThrow('takes a task class, a task or a task type');
  });

  test('wait with a warning until the test ends them', async () => {
    sequencer.on(UpscalerTask).wait({ warning: 'No miner.' });
    const id = await heurist.workflow.executeWorkflow(photo());
    expect(await heurist.workflow.queryTaskResult(id)).toMatchObject({ status: 'waiting', warning: 'No miner.' });
    sequencer.tasks[0]!.finish();
    expect((await heurist.workflow.queryTaskResult(id)).status).toBe('finished');
  });

  test('a task that has ended stays as it is', async () => {
    await heurist.workflow.run(photo());
    const [task] = sequencer.tasks;
    task!.fail({ code: 'late', message: 'late' });
    task!.cancel();
    task!.run(3);
    expect(task!.status).toBe('finished');
    expect((await heurist.workflow.cancelTask(task!.task_id)).msg).toBe('The task has already ended (finished).');
  });
});

describe('time', () => {
  test('is moved by the test', async () => {
    sequencer.on(UpscalerTask).finishWith({}, { after: 3_600_000 });
    const next = sequencer.nextTask();
    const run = heurist.workflow.run(photo());
    const task = await next;
    await sequencer.clock.advance(3_599_000);
    expect(task.status).toBe('running');
    await sequencer.clock.advance(1000);
    await run;
    expect(task.state.timings?.total_ms).toBeGreaterThanOrEqual(3_600_000);
  });

  test('passes by itself too', async () => {
    sequencer.on(UpscalerTask).finishWith({}, { after: 30 });
    await heurist.workflow.run(photo());
  });

  test('only moves forward', async () => {
    await expect(sequencer.clock.advance(-1)).rejects.toThrow('`ms` must be 0 or more (got -1)');
  });

  test('does not stop with the fake timers of a runner', async () => {
    vi.useFakeTimers();
    try {
      sequencer.on('echo').finishWith({}, { after: 20 });
      await heurist.workflow.executeWorkflow(new EchoTask());
      await new Promise((resolve) => realTimeout(resolve, 100));
      expect(sequencer.tasks[0]!.status).toBe('finished');
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends a task after its timeout_seconds', async () => {
    sequencer.on('*').wait();
    await heurist.workflow.executeWorkflow(new UpscalerTask({ image_url, timeout_seconds: 60 }));
    await sequencer.clock.advance(60_000);
    expect(sequencer.tasks[0]!.state.error?.code).toBe('task_timeout');
  });
});

describe('faults', () => {
  test('end after as many calls as they say', async () => {
    const { hits } = await sequencer.inject('reset', { on: 'task_create', times: 1 });
    expect(hits).toBe(0);
    await heurist.workflow.run(photo());
    expect(sequencer.calls.map(({ fault }) => fault).slice(0, 2)).toEqual(['reset', undefined]);
    expect(sequencer.tasks).toHaveLength(1);
  });

  test('a network that is down for a while comes back at the same address', async () => {
    await sequencer.inject('refused', { lasts: 5000 });
    expect(await look(sequencer.url)).toMatchObject({ broke: 'ECONNREFUSED' });
    await sequencer.clock.advance(5000);
    await vi.waitFor(async () => expect((await look(sequencer.url)).status).toBe(404));
  });

  test('do not open the port of a sequencer that was closed', async () => {
    const injection = await sequencer.inject('refused', { lasts: 1000 });
    await sequencer.close();
    await injection.stop();
    await sequencer.clock.advance(1000);
    expect((await look(sequencer.url)).broke).toBe('ECONNREFUSED');
  });

  test('of the port, started and stopped at once, end in the order that they were told', async () => {
    const first = await sequencer.inject('refused');
    const stopped = first.stop();
    const second = sequencer.inject('refused');
    await Promise.all([stopped, second]);
    expect((await look(sequencer.url)).broke).toBe('ECONNREFUSED');
    await (await second).stop();
    expect((await look(sequencer.url)).status).toBe(404);
  });

  test('hit only the calls that the test names', async () => {
    await sequencer.inject('status-502', { on: ['task_cancel'] });
    await heurist.workflow.run(photo());
    expect(sequencer.calls.every(({ fault }) => !fault)).toBe(true);
  });

  test('an unknown name is refused with those that are known', async () => {
    await expect(sequencer.inject('flood' as never)).rejects.toThrow(
      'There is no fault "flood". The faults: refused, reset',
    );
  });

  test('go with the block that they were injected in', async () => {
    {
      await using _ = await sequencer.inject('unauthorized');
      expect(await failure(heurist.workflow.run(photo()))).toMatchObject({ code: 'unauthorized' });
    }
    await heurist.workflow.run(photo());
  });

  test('a lost answer makes no second task', async () => {
    await sequencer.inject('reset-after-effect', { times: 1 });
    await heurist.workflow.run(photo());
    expect(sequencer.tasks).toHaveLength(1);
  });
});

describe('fetch', () => {
  const init = () => ({
    method: 'POST',
    headers: { authorization: `Bearer ${sequencer.options.apiKey}` },
    body: JSON.stringify({ task_type: 'echo', task_details: {} }),
  });

  test('reaches a sequencer without a socket', async () => {
    const quiet = await createTestSequencer({ socket: false });
    const response = await quiet.fetch(`${quiet.url}/task_create`, init());
    expect(await response.json()).toEqual({ task_id: quiet.tasks[0]!.task_id });
    expect((await look(`${quiet.url}/task_create`)).broke).toBeDefined();
  });

  test('rejects with the faults of the network', async () => {
    const causes = [];
    for (const name of ['refused', 'reset'] as const) {
      await using _ = await sequencer.inject(name);
      causes.push((await failure(sequencer.fetch(`${sequencer.url}/task_create`, init()))).cause);
    }
    expect(causes).toMatchObject([{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }]);
  });

  test('hangs until it is aborted', async () => {
    await sequencer.inject('hang');
    const signal = AbortSignal.timeout(20);
    await expect(sequencer.fetch(`${sequencer.url}/task_create`, { ...init(), signal })).rejects.toThrow('timeout');
  });

  test('breaks in the middle of a body', async () => {
    await sequencer.inject('cut-body');
    const response = await sequencer.fetch(`${sequencer.url}/task_create`, init());
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

test('uploads are kept for the test', async () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4, 5, 6, 7, 8]);
  const url = await heurist.workflow.uploadFile(png);
  expect(Buffer.from(sequencer.uploads[0]!)).toEqual(Buffer.from(png));
  expect((await look(url)).status).toBe(200);
});

test('a webhook reports the end, signed', async () => {
  const received: { headers: Headers; text: string }[] = [];
  const receiver = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    received.push({ headers: new Headers(request.headers as Record<string, string>), text });
    response.end();
  });
  const webhook_url = await listen(receiver, 0, '127.0.0.1');
  await heurist.workflow.executeWorkflow(photo(), { webhook_url });
  await vi.waitFor(() => expect(received).toHaveLength(1));
  receiver.close();
  const { headers, text } = received[0]!;
  expect(await verifyWebhook({ headers, body: text }, WEBHOOK_SECRET)).toMatchObject({ type: 'task.finished' });
});

test('with definitions it refuses what a network refuses', async () => {
  await using strict = await createTestSequencer({ workflows: definitions });
  const client = new Heurist(strict.options);
  expect(await failure(client.workflow.run(new EchoTask()))).toMatchObject({ code: 'unknown_workflow' });
  expect((await client.workflow.networkStatus()).workflows[0]).toMatchObject({ workflow_id: 'upscaler' });
  await client.workflow.run(photo());
});

test('another key is refused', async () => {
  const stranger = new Heurist({ ...sequencer.options, apiKey: 'test#wrong' });
  expect(await failure(stranger.workflow.run(photo()))).toMatchObject({ code: 'unauthorized' });
  await expect(createTestSequencer({ apiKey: 'x' })).rejects.toThrow('`apiKey` must have the form');
});

test('reset forgets everything but the address', async () => {
  sequencer.on('*').failWith('x');
  await sequencer.inject('refused');
  await sequencer.reset();
  await heurist.workflow.run(photo());
  expect(sequencer.tasks).toHaveLength(1);
});

test('an environment for a process under test', () => {
  expect(sequencer.env).toEqual({ HEURIST_API_KEY: 'test#test-key', HEURIST_WORKFLOW_URL: sequencer.url });
});
