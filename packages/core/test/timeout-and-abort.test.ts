import { describe, expect, test, vi } from 'vitest';
import { TaskTimeoutError } from '../src/index.ts';
import { EchoTask, failure, state, withStub } from './client.ts';
import type { Script } from './stub-sequencer.ts';

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
});
