import { describe, expect, test } from 'vitest';
import {
  Heurist,
  HeuristError,
  TaskCanceledError,
  TaskFailedError,
  TaskTimeoutError,
  WorkflowTask,
  type WorkflowTaskResult,
} from '../src/index.ts';
import { type Answer, type Script, startStub } from './stub-sequencer.ts';

class EchoTask extends WorkflowTask {
  get task_type() {
    return 'echo';
  }
  get task_details() {
    return { parameters: { text: 'hello', seed: 0 } };
  }
}

const apiKey = 'acme#secret-key';
const PAGE: Answer = { text: '<html>Bad gateway</html>' };
const created: Answer = { json: { task_id: 't1' } };
const state = (status: string, more: object = {}): Answer => ({ json: { task_id: 't1', status, ...more } });
const done = state('finished', { result: 'https://example.com/out.png' });

/** Answers with faults first, then well. */
const after = (faults: Answer[], then: Answer) => (_: unknown, count: number) => faults[count - 1] ?? then;

async function withStub<T>(
  script: Script,
  use: (heurist: Heurist, stub: Awaited<ReturnType<typeof startStub>>) => Promise<T>,
) {
  await using stub = await startStub({ task_create: () => created, task_result_query: () => done, ...script });
  return await use(new Heurist({ apiKey, workflowURL: stub.url }), stub);
}

const failure = async (promise: Promise<unknown>) =>
  (await promise.then(
    () => undefined,
    (error: unknown) => error,
  )) as HeuristError;

describe.concurrent('the contract of the reference', () => {
  test('task_create has the reference body', () =>
    withStub({}, async (heurist, stub) => {
      const task = new EchoTask({ workflow_id: '1', timeout_seconds: 600 });
      expect(await heurist.workflow.executeWorkflow(task)).toBe('t1');
      expect(stub.calls[0]).toMatchObject({
        name: 'task_create',
        body: {
          consumer_id: 'acme',
          api_key: 'secret-key',
          task_type: 'echo',
          task_details: { parameters: { text: 'hello', seed: 0 } },
          workflow_id: '1',
          timeout_seconds: 600,
        },
      });
      expect(stub.calls[0]?.body.job_id).toMatch(/^sdk-workflow-[0-9a-f]{10,}$/);
    }));

  test('timeout_seconds 0 and unset options are left out, task options win', () =>
    withStub({}, async (heurist, stub) => {
      const task = new EchoTask({ timeout_seconds: 0, consumer_id: 'other', api_key: 'k2', job_id_prefix: 'mine' });
      await heurist.workflow.executeWorkflow(task);
      const { body } = stub.calls[0]!;
      expect(Object.keys(body).sort()).toEqual(['api_key', 'consumer_id', 'job_id', 'task_details', 'task_type']);
      expect(body).toMatchObject({ consumer_id: 'other', api_key: 'k2', job_id: expect.stringMatching(/^mine-/) });
    }));

  test('query and cancel carry task_id and api_key', () =>
    withStub({ task_cancel: () => ({ json: { task_id: 't1', msg: 'ok' } }) }, async (heurist, stub) => {
      expect(await heurist.workflow.queryTaskResult('t1')).toMatchObject({ status: 'finished' });
      expect(await heurist.workflow.cancelTask('t1')).toMatchObject({ task_id: 't1', msg: 'ok' });
      for (const { body } of stub.calls) expect(body).toEqual({ task_id: 't1', api_key: 'secret-key' });
    }));

  test.each(['finished', 'failed', 'canceled'])('the wait ends with %s', (status) =>
    withStub({ task_result_query: () => state(status) }, async (heurist) => {
      expect(await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask())).toMatchObject({ status });
    }),
  );

  test('an interval under a second is refused', () =>
    withStub({}, async (heurist, stub) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 1000, 10));
      expect(error.code).toBe('invalid_configuration');
      expect(stub.calls).toEqual([]);
    }));
});

describe.concurrent('faults of the submit', () => {
  test.each<[string, Answer[]]>([
    ['503 once', [{ status: 503, json: {} }]],
    ['500 once', [{ status: 500, json: {} }]],
    ['an HTML page once', [PAGE]],
    ['a reset after it was accepted', ['reset']],
    ['a body cut off', [{ text: '{"task_id": "t', headers: { 'content-type': 'application/json' } }]],
  ])('%s: sent again with the same job_id', (_, faults) =>
    withStub({ task_create: after(faults, created) }, async (heurist, stub) => {
      expect(await heurist.workflow.executeWorkflow(new EchoTask())).toBe('t1');
      const jobs = stub.named('task_create').map(({ body }) => body.job_id);
      expect(jobs).toHaveLength(2);
      expect(new Set(jobs).size).toBe(1);
    }),
  );

  test('two submits of one task object are two jobs', () =>
    withStub({}, async (heurist, stub) => {
      const task = new EchoTask();
      await heurist.workflow.executeWorkflow(task);
      await heurist.workflow.executeWorkflow(task);
      expect(new Set(stub.calls.map(({ body }) => body.job_id)).size).toBe(2);
    }));

  test('429 waits for as long as Retry-After says', () =>
    withStub(
      { task_create: after([{ status: 429, json: {}, headers: { 'retry-after': '1' } }], created) },
      async (heurist, stub) => {
        await heurist.workflow.executeWorkflow(new EchoTask());
        const [first, second] = stub.calls;
        expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
      },
    ));

  test('a refusal is not repeated, and says what the server said', () =>
    withStub(
      { task_create: () => ({ status: 400, json: { code: 'unknown_workflow', message: 'no such workflow' } }) },
      async (heurist, stub) => {
        const error = await failure(heurist.workflow.executeWorkflow(new EchoTask()));
        expect(error).toMatchObject({
          code: 'unknown_workflow',
          status: 400,
          isRetryable: false,
          message: 'no such workflow',
        });
        expect(stub.calls).toHaveLength(1);
      },
    ));

  test('errors in the form of other servers are read too', () =>
    withStub({ task_create: () => ({ status: 401, json: { error: 'bad key' } }) }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflow(new EchoTask()));
      expect(error).toMatchObject({ code: 'unauthorized', message: 'bad key' });
    }));

  test('a sequencer that is down: which address, and what to do', async () => {
    const heurist = new Heurist({ apiKey, workflowURL: 'http://127.0.0.1:9' });
    const error = await failure(heurist.workflow.executeWorkflow(new EchoTask()));
    expect(error).toMatchObject({ code: 'connection_failed', isRetryable: true });
    expect(error.message).toContain('http://127.0.0.1:9');
    expect(error.message).not.toContain('secret-key');
  });
});

describe.concurrent('faults of the poll', () => {
  test.each<[string, Answer[]]>([
    ['503', [{ status: 503, json: {} }]],
    ['a reset', ['reset']],
    ['an HTML page', [PAGE]],
    ['429', [{ status: 429, json: {}, headers: { 'retry-after': '1' } }]],
    ['five errors in a row', Array(5).fill({ status: 502, text: 'bad gateway' })],
  ])('%s: the wait goes on', (_, faults) =>
    withStub({ task_result_query: after(faults, done) }, async (heurist) => {
      const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 30_000, 1000);
      expect(result.status).toBe('finished');
    }),
  );

  test('a wrong key ends the wait at once', () =>
    withStub({ task_result_query: () => ({ status: 401, json: { message: 'bad key' } }) }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask()));
      expect(error).toMatchObject({ code: 'unauthorized', task_id: 't1' });
    }));

  test('an unknown status is an error, not an endless poll', () =>
    withStub({ task_result_query: () => state('exploded') }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask()));
      expect(error).toMatchObject({ code: 'invalid_reply', task_id: 't1' });
    }));
});

describe.concurrent('timeout and abort hold', () => {
  const cancel = () => ({ json: { task_id: 't1', msg: 'ok' } });

  test.each<[string, Script]>([
    ['the task goes on and on', { task_result_query: () => state('running') }],
    ['the poll is never answered', { task_result_query: () => 'hang' }],
    ['the event stream says nothing', { task_result_query: () => state('running'), task_events: () => 'hang' }],
  ])('timeout: %s', (_, script) =>
    withStub({ task_cancel: cancel, ...script }, async (heurist, stub) => {
      const start = Date.now();
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 1500, 1000));
      expect(Date.now() - start).toBeLessThan(2500);
      expect(TaskTimeoutError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ task_id: 't1', code: 'task_timeout' });
      await expect.poll(() => stub.named('task_cancel').length).toBe(1);
    }),
  );

  test('timeout: the submit itself is never answered', () =>
    withStub({ task_create: () => 'hang' }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 1000, 1000));
      expect(TaskTimeoutError.isInstance(error)).toBe(true);
    }));

  test('onAbort: leave does not cancel', () =>
    withStub({ task_result_query: () => state('running'), task_cancel: cancel }, async (heurist, stub) => {
      const wait = heurist.workflow.run(new EchoTask(), { timeout: 1000, interval: 1000, onAbort: 'leave' });
      expect((await failure(wait)).code).toBe('task_timeout');
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(stub.named('task_cancel')).toEqual([]);
    }));

  test('abort rejects at once, names the task and cancels it', () =>
    withStub({ task_result_query: () => state('running'), task_cancel: cancel }, async (heurist, stub) => {
      const stop = new AbortController();
      const wait = failure(heurist.workflow.run(new EchoTask(), { signal: stop.signal }));
      await expect.poll(() => stub.named('task_result_query').length).toBeGreaterThan(0);
      const start = Date.now();
      stop.abort(new Error('user left'));
      expect(await wait).toMatchObject({
        name: 'AbortError',
        code: 'aborted',
        task_id: 't1',
        cause: { message: 'user left' },
      });
      expect(Date.now() - start).toBeLessThan(500);
      await expect.poll(() => stub.named('task_cancel').length).toBe(1);
    }));

  test('a signal that fired before sends nothing', () =>
    withStub({}, async (heurist, stub) => {
      const error = await failure(heurist.workflow.run(new EchoTask(), { signal: AbortSignal.abort() }));
      expect(error.code).toBe('aborted');
      expect(stub.calls).toEqual([]);
    }));
});

describe.concurrent('events are a hint', () => {
  const event = (status: string, more: object = {}) =>
    `event: task\ndata: ${JSON.stringify({ task_id: 't1', status, ...more })}\n\n`;

  test('progress comes from the stream, the end is looked up at once', () =>
    withStub(
      {
        task_result_query: after([state('waiting', { queue_position: 2 })], done),
        task_events: () => ({
          stream: true,
          text: `: hello\n\n${event('running', { progress: { percent: 50, node: 'X' } })}${event('finished')}`,
        }),
      },
      async (heurist, stub) => {
        const seen: WorkflowTaskResult[] = [];
        const start = Date.now();
        const onProgress = (step: WorkflowTaskResult) => void seen.push(step);
        await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 30_000, 10_000, { onProgress });
        expect(Date.now() - start).toBeLessThan(3000);
        expect(seen[0]).toEqual({ task_id: 't1', status: 'waiting' });
        expect(seen.map(({ status }) => status)).toContain('running');
        expect(seen.at(-1)?.status).toBe('finished');
        expect(stub.named('task_result_query').length).toBeLessThanOrEqual(2);
      },
    ));

  test('a stream of rubbish does no harm', () =>
    withStub(
      {
        task_result_query: after([state('running')], done),
        task_events: () => ({ stream: true, text: 'data: {"no": "task"}\n\ndata: not json\n\n' }),
      },
      async (heurist) => {
        const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 10_000, 1000);
        expect(result.status).toBe('finished');
      },
    ));

  test('many events leave no timers and listeners behind', () => {
    const warnings: Error[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    const many = Array.from({ length: 50 }, (_, percent) => event('running', { progress: { percent } })).join('');
    return withStub(
      {
        task_result_query: after([state('waiting')], done),
        task_events: () => ({ stream: true, text: `${many}${event('finished')}` }),
      },
      async (heurist) => {
        const seen: WorkflowTaskResult[] = [];
        await heurist.workflow.run(new EchoTask(), { onProgress: (step) => void seen.push(step) });
        expect(seen.length).toBeGreaterThan(50);
        expect(warnings).toEqual([]);
      },
    );
  });

  test('an abort from within onProgress ends the wait at once', () =>
    withStub({ task_result_query: () => state('running') }, async (heurist) => {
      const stop = new AbortController();
      const start = Date.now();
      const wait = heurist.workflow.run(new EchoTask(), { signal: stop.signal, onProgress: () => stop.abort() });
      expect((await failure(wait)).code).toBe('aborted');
      expect(Date.now() - start).toBeLessThan(2000);
    }));

  test('a sequencer without events is asked for them once', () =>
    withStub({ task_result_query: after([state('running'), state('running')], done) }, async (heurist, stub) => {
      await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 10_000, 1000);
      expect(stub.named('task_events')).toHaveLength(1);
    }));

  test('what onProgress throws rejects the wait', () =>
    withStub({ task_result_query: () => state('running') }, async (heurist) => {
      const wait = heurist.workflow.run(new EchoTask(), {
        onProgress: () => {
          throw new Error('my bug');
        },
      });
      expect((await failure(wait)).message).toBe('my bug');
    }));
});

describe.concurrent('run and task handles', () => {
  test('run resolves with outputs, also from a bare URL', () =>
    withStub({}, async (heurist) => {
      const { outputs, task_id } = await heurist.workflow.run(new EchoTask());
      expect(task_id).toBe('t1');
      expect(outputs).toMatchObject([{ url: 'https://example.com/out.png' }]);
    }));

  test('run throws for a failed task, with the reason of the network', () =>
    withStub(
      { task_result_query: () => state('failed', { error: { code: 'input_invalid', message: 'no picture' } }) },
      async (heurist) => {
        const error = await failure(heurist.workflow.run(new EchoTask()));
        expect(TaskFailedError.isInstance(error)).toBe(true);
        expect(error).toMatchObject({
          code: 'input_invalid',
          task_id: 't1',
          message: expect.stringContaining('no picture'),
        });
      },
    ));

  test('run throws for a canceled task', () =>
    withStub({ task_result_query: () => state('canceled') }, async (heurist) => {
      expect(TaskCanceledError.isInstance(await failure(heurist.workflow.run(new EchoTask())))).toBe(true);
    }));

  test('a handle goes on from an id, and leaves the task when it gives up', () =>
    withStub({ task_result_query: () => state('running') }, async (heurist, stub) => {
      const handle = heurist.workflow.task('t1');
      expect(await handle.query()).toMatchObject({ status: 'running' });
      expect((await failure(handle.wait({ timeout: 1000, interval: 1000 }))).task_id).toBe('t1');
      expect(stub.named('task_cancel')).toEqual([]);
    }));
});

describe('settings', () => {
  test('come from the environment when the first call is made', () =>
    withStub({}, async (_, stub) => {
      process.env.HEURIST_API_KEY = 'env-user#env-key';
      process.env.HEURIST_WORKFLOW_URL = `${stub.url}/`;
      try {
        await new Heurist().workflow.executeWorkflow(new EchoTask());
      } finally {
        delete process.env.HEURIST_API_KEY;
        delete process.env.HEURIST_WORKFLOW_URL;
      }
      expect(stub.calls[0]?.body).toMatchObject({ consumer_id: 'env-user', api_key: 'env-key' });
    }));

  test.each([
    [{ workflowURL: 'http://127.0.0.1:1' }, 'HEURIST_API_KEY'],
    [{ apiKey }, 'HEURIST_WORKFLOW_URL'],
    [{ apiKey, workflowURL: 'ftp://x' }, 'not an http'],
    [{ apiKey, workflowURL: 'http://example.com' }, 'https'],
  ])('%o: creating never throws, the call names the mend', async (options, mend) => {
    const error = await failure(new Heurist(options).workflow.executeWorkflow(new EchoTask()));
    expect(HeuristError.isInstance(error)).toBe(true);
    expect(error.code).toBe('invalid_configuration');
    expect(error.message).toContain(mend);
  });
});
