import { describe, expect, test } from 'vitest';
import { EchoTask, failure, state, withStub } from './client.ts';

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
      expect(stub.calls[0]?.body.job_id).toMatch(/^sdk-workflow-[0-9a-f]{32}$/);
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
