import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Heurist } from '../src/index.ts';
import { after, apiKey, created, done, EchoTask, failure, state, withStub } from './client.ts';
import { type Answer, startStub } from './stub-sequencer.ts';

const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
const now = { 'retry-after': '0' };
const faults: [string, Answer][] = [
  ['503', { status: 503, json: { code: 'unavailable', message: 'starting' }, headers: now }],
  ['429', { status: 429, json: { code: 'rate_limited', message: 'slow down' }, headers: now }],
  ['425', { status: 425, json: { message: 'too early' }, headers: now }],
  ['520', { status: 520, text: '<html><title>Web server is returning an unknown error</title></html>', headers: now }],
  ['524', { status: 524, text: '<html><title>A timeout occurred</title></html>', headers: now }],
];

describe.concurrent('one budget', () => {
  test.each(faults)('%s six times: the submit goes on, and is one job', (_, fault) =>
    withStub({ task_create: after(Array(6).fill(fault), created) }, async (heurist, stub) => {
      await heurist.workflow.run(new EchoTask(), { timeout: 60_000 });
      const jobs = stub.named('task_create').map(({ body }) => body.job_id);
      expect([jobs.length, new Set(jobs).size]).toEqual([7, 1]);
    }),
  );

  test.each<[string, Answer]>([...faults, ['a page', { text: '<html>Maintenance</html>' }], ['a reset', 'reset']])(
    '%s all the time: the budget ends the submit, and the error says why, in words',
    (_, fault) =>
      withStub({ task_create: () => fault }, async (heurist) => {
        const error = await failure(heurist.workflow.run(new EchoTask(), { timeout: 1000, job_id: 'j1' }));
        expect(error).toMatchObject({ code: 'task_timeout', job_id: 'j1', cause: { name: 'HeuristError' } });
        expect(error.message).toMatch(/the submit did not end within 1000 ms\. The last attempt failed: \w/);
        expect(error.message).not.toContain('<');
      }),
  );

  test('a sequencer that starts late', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await new Promise((resolve) => blocker.close(resolve));
    const workflowURL = `http://127.0.0.1:${port}`;
    const submit = new Heurist({ apiKey, workflowURL }).workflow.executeWorkflow(new EchoTask());
    await new Promise((resolve) => setTimeout(resolve, 4500));
    await using _ = await startStub({ task_create: () => created }, port);
    expect(await submit).toBe('t1');
  }, 30_000);

  test('a submit alone has a timeout too, and fails with what failed last', () =>
    withStub({ task_create: () => ({ status: 503, json: {} }) }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflow(new EchoTask(), { timeout: 500, job_id: 'j1' }));
      expect(error).toMatchObject({ code: 'unavailable', status: 503, job_id: 'j1', isRetryable: true });
    }));

  test.each<[string, (workflow: Heurist['workflow'], options: { timeout: number }) => Promise<unknown>]>([
    ['network_status', (workflow, options) => workflow.networkStatus(options)],
    ['session_create', (workflow, options) => workflow.createSession({ task_types: ['x'] }, options)],
    ['task_result_query', (workflow, options) => workflow.queryTaskResult('t1', options)],
    ['task_cancel', (workflow, options) => workflow.cancelTask('t1', options)],
  ])('%s that its timeout ends fails with what failed last', (name, use) =>
    withStub({ [name]: () => ({ status: 503, text: '<title>Down</title>' }) }, async ({ workflow }) => {
      const error = await failure(use(workflow, { timeout: 400 }));
      expect(error).toMatchObject({ code: 'unavailable', status: 503, isRetryable: true });
    }),
  );

  test('an upload goes on, and ends with its timeout', async () => {
    await using stub = await startStub({
      file_create: after(Array(6).fill(faults[0]![1]), { json: { upload_url: 'http://127.0.0.1:1/slot', url: 'x' } }),
    });
    const heurist = new Heurist({ apiKey, workflowURL: stub.url });
    // the storage does not answer
    const error = await failure(heurist.workflow.uploadFile(png, { timeout: 4000 }));
    expect(error).toMatchObject({ code: 'connection_failed', isRetryable: true });
    expect(stub.calls).toHaveLength(7);
  });

  test.each([0, -5, Number.NaN, null as unknown as number])('a timeout of %s is refused', (timeout) =>
    withStub({}, async (heurist, stub) => {
      expect((await failure(heurist.workflow.run(new EchoTask(), { timeout }))).message).toBe(
        `\`timeout\` must be at least 1 millisecond (got ${timeout}).`,
      );
      expect(stub.calls).toEqual([]);
    }),
  );
});

test('a system clock that is set back does not stop the polls', () =>
  withStub({ task_result_query: (_, count) => (count > 2 ? done : state('running')) }, async (heurist, stub) => {
    onTestFinished(() => void vi.useRealTimers());
    const wait = heurist.workflow.run(new EchoTask(), { timeout: 10_000 });
    await vi.waitFor(() => expect(stub.named('task_result_query')).toHaveLength(1));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    expect(await wait).toMatchObject({ task_id: 't1' });
  }));
