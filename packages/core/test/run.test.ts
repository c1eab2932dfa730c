import { describe, expect, test, vi } from 'vitest';
import { type Heurist, TaskCanceledError, TaskFailedError } from '../src/index.ts';
import { after, done, EchoTask, failure, state, withStub } from './client.ts';

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

  test.each<[unknown, string, string]>([
    ['out of memory', 'out of memory', 'task_failed'],
    [{ message: 'no code' }, 'no code', 'task_failed'],
    [{ code: 'x', message: '' }, 'The sequencer gave no reason.', 'x'],
    [null, 'The sequencer gave no reason.', 'task_failed'],
    ['', 'The sequencer gave no reason.', 'task_failed'],
  ])('run throws for a failed task with error %j', (reason, message, code) =>
    withStub({ task_result_query: () => state('failed', { error: reason }) }, async (heurist) => {
      const error = await failure(heurist.workflow.run(new EchoTask()));
      expect(error).toMatchObject({ name: 'TaskFailedError', code, message: `Task t1 failed: ${message}` });
    }),
  );

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

  test.each<[string, (heurist: Heurist) => Promise<unknown>]>([
    ['run', (heurist) => heurist.workflow.run(new EchoTask())],
    ['wait', (heurist) => heurist.workflow.task('t1').wait()],
  ])('%s leaves no event stream open', (_, wait) =>
    withStub(
      {
        task_result_query: after([state('running')], done),
        task_events: () => ({ stream: true, text: ': hello\n\n' }),
      },
      async (heurist, stub) => {
        await wait(heurist);
        await vi.waitFor(() => expect(stub.named('task_events').map(({ isOver }) => isOver)).toEqual([true]));
      },
    ),
  );

  test('a handle cancels', () =>
    withStub({ task_cancel: () => ({ json: { task_id: 't1', msg: 'ok' } }) }, async (heurist, stub) => {
      expect(await heurist.workflow.task('t1').cancel()).toMatchObject({ msg: 'ok' });
      expect(stub.named('task_cancel')).toHaveLength(1);
    }));

  test('the status of the network and the secret of webhooks are asked for with the key', () => {
    const status = { miners: [], workflows: [], recent_failures: [] };
    const script = {
      network_status: () => ({ json: status }),
      webhook_secret: () => ({ json: { secret: 'whsec_x' } }),
    };
    return withStub(script, async (heurist, stub) => {
      expect(await heurist.workflow.networkStatus()).toEqual(status);
      expect(await heurist.workflow.webhookSecret()).toBe('whsec_x');
      for (const { body } of stub.calls) expect(body).toEqual({ consumer_id: 'acme', api_key: 'secret-key' });
    });
  });
});
