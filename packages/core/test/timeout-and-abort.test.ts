import { describe, expect, test, vi } from 'vitest';
import { HeuristError, TaskTimeoutError, type Workflow } from '../src/index.ts';
import { EchoTask, failure, state, withStub } from './client.ts';
import type { Script } from './stub-sequencer.ts';

const png = Buffer.from('89504e470d0a1a0a0000', 'hex');

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
      await vi.waitFor(() => expect(stub.named('task_cancel').length).toBe(1));
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
      await vi.waitFor(() => expect(stub.named('task_result_query').length).toBeGreaterThan(0));
      const start = Date.now();
      stop.abort(new Error('user left'));
      expect(await wait).toMatchObject({
        name: 'AbortError',
        code: 'aborted',
        task_id: 't1',
        cause: { message: 'user left' },
      });
      expect(Date.now() - start).toBeLessThan(500);
      await vi.waitFor(() => expect(stub.named('task_cancel').length).toBe(1));
    }));

  test('a signal that fired before sends nothing', () =>
    withStub({}, async (heurist, stub) => {
      const error = await failure(heurist.workflow.run(new EchoTask(), { signal: AbortSignal.abort() }));
      expect(error.code).toBe('aborted');
      expect(stub.calls).toEqual([]);
    }));

  test.each<[string, object, (workflow: Workflow, signal: AbortSignal) => Promise<unknown>]>([
    ['run', { job_id: 'j1' }, (workflow, signal) => workflow.run(new EchoTask(), { signal, job_id: 'j1' })],
    [
      'a submit',
      { job_id: 'j1' },
      (workflow, signal) => workflow.executeWorkflow(new EchoTask(), { signal, job_id: 'j1' }),
    ],
    ['a wait', { task_id: 't1' }, (workflow, signal) => workflow.task('t1').wait({ signal })],
    ['a query', { task_id: 't1' }, (workflow, signal) => workflow.task('t1').query({ signal })],
    ['a cancel', { task_id: 't1' }, (workflow, signal) => workflow.cancelTask('t1', { signal })],
  ])('a signal that fired before %s: the error names its job or task', (_, ids, use) =>
    withStub({}, async ({ workflow }) => {
      expect(await failure(use(workflow, AbortSignal.abort()))).toMatchObject({ code: 'aborted', ...ids });
    }),
  );

  test.each<[string, string, (workflow: Workflow, signal: AbortSignal) => Promise<unknown>]>([
    ['executeWorkflow', 'the submit', (workflow, signal) => workflow.executeWorkflow(new EchoTask(), { signal })],
    ['uploadFile', 'the upload', (workflow, signal) => workflow.uploadFile(png, { signal })],
    ['networkStatus', 'the call', (workflow, signal) => workflow.networkStatus({ signal })],
    ['webhookSecret', 'the call', (workflow, signal) => workflow.webhookSecret({ signal })],
    ['wait', 'task t1', (workflow, signal) => workflow.task('t1').wait({ signal })],
  ])('an abort of %s is an error of ours, at once and before', (_, what, use) => {
    const calls = ['task_create', 'file_create', 'network_status', 'webhook_secret', 'task_result_query'];
    return withStub(Object.fromEntries(calls.map((name) => [name, () => 'hang' as const])), async ({ workflow }) => {
      for (const signal of [AbortSignal.abort('left'), AbortSignal.timeout(100)]) {
        const start = performance.now();
        const error = await failure(use(workflow, signal));
        expect(HeuristError.isInstance(error)).toBe(true);
        expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: signal.reason });
        expect(error.message).toMatch(new RegExp(`^Waiting for (${what}|the submit) was aborted`));
        expect(performance.now() - start).toBeLessThan(400);
      }
    });
  });

  test('an interval that is longer than any timer is no loop', () =>
    withStub({ task_result_query: () => state('running'), task_events: () => 'hang' }, async (heurist, stub) => {
      const wait = heurist.workflow.run(new EchoTask(), { interval: 2 ** 40, timeout: 1500 });
      expect((await failure(wait)).code).toBe('task_timeout');
      expect(stub.named('task_result_query').length).toBeLessThan(4);
    }));
});
