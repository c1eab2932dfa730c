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
    ['five errors in a row', Array(5).fill({ status: 502, text: 'bad gateway' })],
  ])('%s: the wait goes on', (_, faults) =>
    withStub({ task_result_query: after(faults, done) }, async (heurist) => {
      const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 30_000, 1000);
      expect(result.status).toBe('finished');
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

  test('an unknown status is an error, not an endless poll', () =>
    withStub({ task_result_query: () => state('exploded') }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask()));
      expect(error).toMatchObject({ code: 'invalid_reply', task_id: 't1' });
    }));
});
