import { describe, expect, test } from 'vitest';
import { TaskCanceledError, TaskFailedError } from '../src/index.ts';
import { EchoTask, failure, state, withStub } from './client.ts';

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
