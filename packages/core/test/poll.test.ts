import { describe, expect, test } from 'vitest';
import { after, done, EchoTask, failure, PAGE, state, withStub } from './client.ts';
import type { Answer } from './stub-sequencer.ts';

describe.concurrent('faults of the poll', () => {
  test.each<[string, Answer[]]>([
    ['503', [{ status: 503, json: {} }]],
    ['a reset', ['reset']],
    ['an HTML page', [PAGE]],
    ['an HTML page with status 403', [{ status: 403, text: '<html>No</html>' }]],
    ['an HTML page with status 404', [{ status: 404, text: '<html>No</html>' }]],
    ['JSON of a proxy with status 403', [{ status: 403, json: { error: { message: 'No' } } }]],
    ['JSON of a proxy with status 200', [{ json: { status: 'maintenance' } }]],
    ['429', [{ status: 429, json: {}, headers: { 'retry-after': '1' } }]],
    ['an empty object', [{ json: {} }]],
    ['null', [{ json: null }]],
    ['an error with status 200', [{ json: { error: 'database is down' } }]],
    ['outputs that are null', [state('running', { outputs: null })]],
    ['a status that nobody knows', [state('paused')]],
    ['404 right after the submit', [{ status: 404, json: { code: 'not_found', message: 'no such task' } }]],
    ['404 after a good look', [state('running'), { status: 404, json: { message: 'no such task' } }]],
    ['a redirect elsewhere', [{ status: 307, text: '', headers: { location: 'https://login.example/' } }]],
    ['five errors in a row', Array(5).fill({ status: 502, text: 'bad gateway' })],
  ])('%s: the wait goes on', (_, faults) =>
    withStub({ task_result_query: after(faults, done) }, async (heurist, stub) => {
      const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 30_000, 1000);
      expect(result.status).toBe('finished');
      expect(stub.named('task_cancel')).toEqual([]);
    }),
  );

  test('answers that never come from a sequencer: the wait ends with its budget, and says why', () =>
    withStub({ task_result_query: () => PAGE }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 2500, 1000));
      expect(error).toMatchObject({
        code: 'task_timeout',
        message: expect.stringMatching(/did not end within 2500 ms\. The last query failed: .* not JSON/),
      });
    }));

  test('a wrong key ends the wait at once', () =>
    withStub({ task_result_query: () => ({ status: 401, json: { message: 'bad key' } }) }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask()));
      expect(error).toMatchObject({ code: 'unauthorized', task_id: 't1' });
    }));

  test('a status that stays unknown: the wait ends with its budget, and names it', () =>
    withStub({ task_result_query: () => state('exploded\u001b[31m') }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 2500, 1000));
      expect(error).toMatchObject({ code: 'task_timeout', task_id: 't1' });
      expect(error.message).toMatch(/The last query failed: .*its `status` is "exploded", which this version/);
    }));

  test('a query alone fails at once for an unknown status', () =>
    withStub({ task_result_query: () => state('exploded') }, async (heurist) => {
      const error = await failure(heurist.workflow.queryTaskResult('t1'));
      expect(error).toMatchObject({
        code: 'invalid_reply',
        task_id: 't1',
        message: expect.stringContaining('exploded'),
      });
    }));

  test('404 that stays ends the wait after a short grace', () =>
    withStub(
      { task_result_query: () => ({ status: 404, json: { message: 'no such task' } }) },
      async (heurist, stub) => {
        const start = performance.now();
        const error = await failure(heurist.workflow.run(new EchoTask()));
        expect(error).toMatchObject({ code: 'not_found', task_id: 't1', message: 'no such task' });
        expect(performance.now() - start).toBeLessThan(8000);
        expect(stub.named('task_result_query').length).toBeGreaterThan(3);
      },
    ));

  test('a handle has the same grace', () =>
    withStub(
      { task_result_query: after([{ status: 404, json: { message: 'no such task' } }], done) },
      async (heurist) => {
        expect(await heurist.workflow.task('t1').wait()).toMatchObject({ status: 'finished' });
      },
    ));
});
