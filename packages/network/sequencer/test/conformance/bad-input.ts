import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** What a request must be. */
export function testBadInput(): void {
  describe('bad input', () => {
    test.each<[string, object, string, RegExp]>([
      ['an unknown workflow', { workflow_id: 'nope' }, 'unknown_workflow', /nope.*echo \(echo\)/],
      ['an unknown type', { task_type: 'nope' }, 'unknown_workflow', /type nope/],
      ['a type that does not fit', { task_type: 'nope', workflow_id: 'echo' }, 'unknown_workflow', /echo/],
      [
        'an unknown parameter',
        { task_details: { parameters: { text: 'x', steps: 3 } } },
        'invalid_parameters',
        /steps/,
      ],
      ['a missing parameter', { task_details: { parameters: {} } }, 'invalid_parameters', /text/],
      ['parameters that are no object', { task_details: { parameters: [1] } }, 'invalid_request', /object/],
      ['details that are broken JSON', { task_details: '{oops' }, 'invalid_request', /JSON/],
      ['a negative timeout', { timeout_seconds: -1 }, 'invalid_request', /timeout_seconds/],
    ])('%s', async (_, more, code, message) => {
      const { status, json } = await network.create(more);
      expect([status, json.code]).toEqual([400, code]);
      expect(json.message).toMatch(message);
    });

    test('the forms of task_details that the reference has', async () => {
      for (const task_details of [{ text: 'x' }, '{"parameters":{"text":"x"}}', '{"text":"x"}'])
        expect((await network.create({ task_details })).status).toBe(200);
    });

    test.each(['', 'not-a-uuid', randomUUID(), "'; DROP TABLE heurist.task; --"])(
      'no such task: %s',
      async (task_id) => {
        const { status } = await network.call('task_result_query', { task_id, api_key: network.api_key });
        expect(status).toBe(task_id === '' ? 400 : 404);
      },
    );

    test('a body that is not JSON, one that is too large, a call that does not exist', async () => {
      const send = (path: string, body: string) => fetch(`${network.url}/${path}`, { method: 'POST', body });
      expect((await send('task_create', '{')).status).toBe(400);
      expect((await send('task_create', 'x'.repeat(1_100_000))).status).toBe(413);
      expect((await send('nowhere', '{}')).status).toBe(404);
      expect((await fetch(`${network.url}/healthz`)).status).toBe(200);
    });
  });
}
