import { describe, expect, test } from 'vitest';
import { Heurist, type WorkflowTaskOptions } from '../src/index.ts';
import { after, apiKey, created, EchoTask, failure, PAGE, withStub } from './client.ts';
import type { Answer } from './stub-sequencer.ts';

describe.concurrent('faults of the submit', () => {
  test.each<[string, Answer[]]>([
    ['503 once', [{ status: 503, json: {} }]],
    ['500 once', [{ status: 500, json: {} }]],
    ['an HTML page once', [PAGE]],
    ['an HTML page with status 403 once', [{ status: 403, text: '<html>No</html>' }]],
    ['JSON of a proxy once', [{ status: 404, json: { detail: 'no route' } }]],
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
    const error = await failure(heurist.workflow.executeWorkflow(new EchoTask(), { timeout: 1000 }));
    expect(error).toMatchObject({ code: 'connection_failed', isRetryable: true });
    expect(error.message).toContain('http://127.0.0.1:9');
    expect(error.message).not.toContain('secret-key');
  });

  test.each<[string, WorkflowTaskOptions, object]>([
    ['the key of the client', {}, { consumer_id: 'acme', api_key: 'secret-key' }],
    ['a key of its own', { api_key: 'other#k' }, { consumer_id: 'other', api_key: 'k' }],
    ['a consumer of its own', { consumer_id: 'b' }, { consumer_id: 'b', api_key: 'secret-key' }],
    ['a consumer and its bare key', { consumer_id: 'b', api_key: 'a-b-c' }, { consumer_id: 'b', api_key: 'a-b-c' }],
    ['a consumer and a whole key', { consumer_id: 'b', api_key: 'x#k' }, { consumer_id: 'b', api_key: 'k' }],
  ])('a task is sent with %s', (_, options, credentials) =>
    withStub({}, async (heurist, stub) => {
      await heurist.workflow.executeWorkflow(new EchoTask(options));
      expect(stub.calls[0]?.body).toMatchObject(credentials);
    }),
  );

  test('the options of a submit are sent, and those left out are not', () =>
    withStub({}, async (heurist, stub) => {
      const options = { job_id: 'j', webhook_url: 'https://x', reject_if_unservable: true, priority: 'high' } as const;
      await heurist.workflow.executeWorkflow(new EchoTask({ workflow_id: 'w', timeout_seconds: 5 }), options);
      expect(stub.calls[0]?.body).toMatchObject({ ...options, workflow_id: 'w', timeout_seconds: 5 });
    }));
});
