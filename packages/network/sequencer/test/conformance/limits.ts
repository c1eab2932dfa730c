import { Heurist, WorkflowTask } from '@heurist/core';
import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Limits of a key. */
export function testLimits(): void {
  describe('limits of a key', () => {
    const limited = async (owner: string, limits: object) => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', owner, limits)).split('#');
      return (more: object = {}) => network.create({ consumer_id, api_key, ...more });
    };
    const retryAfter = async (owner: string, api_key: string) => {
      const body = { consumer_id: owner, api_key, task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
      const response = await fetch(`${network.url}/task_create`, { method: 'POST', body: JSON.stringify(body) });
      return [response.status, Number(response.headers.get('retry-after'))];
    };

    test('open tasks: the next is refused until one has ended', async () => {
      const submit = await limited('narrow', { max_open_tasks: 2 });
      const first = await submit({ job_id: 'first' });
      await submit();
      const third = await submit();
      expect([third.status, third.json.code]).toEqual([429, 'rate_limited']);
      expect(third.json.message).toMatch(/allows 2/);
      // a resend of one that was taken is no new one
      expect((await submit({ job_id: 'first' })).json).toEqual(first.json);
      // others are not concerned
      expect((await network.create()).status).toBe(200);
      await network.cancelAll();
      expect((await submit()).status).toBe(200);
    });

    test('tasks per minute: Retry-After says when to come again', async () => {
      const key = await network.sequencer.createKey('consumer', 'hasty', { max_tasks_per_minute: 3 });
      const [owner = '', api_key = ''] = key.split('#');
      const submit = () => network.create({ consumer_id: owner, api_key });
      const all = await Promise.all([await submit(), await submit(), await submit(), await submit()]);
      expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      const [status, seconds] = await retryAfter(owner, api_key);
      expect(status).toBe(429);
      expect(seconds).toBeGreaterThan(50);
      expect(seconds).toBeLessThanOrEqual(60);
    });

    test('our client waits for Retry-After, and succeeds', async () => {
      const key = await network.sequencer.createKey('consumer', 'patient', { max_tasks_per_minute: 1 });
      const heurist = new Heurist({ apiKey: key, workflowURL: network.url });
      class Echo extends WorkflowTask {
        task_type = 'echo';
        task_details = { parameters: { text: 'hi' } };
      }
      const first = await heurist.workflow.executeWorkflow(new Echo());
      const query = `UPDATE heurist.task SET created_at = created_at - interval '59 seconds' WHERE task_id = $1`;
      await network.database.query(query, [first]);
      // refused, told to come again within a second, and accepted then
      const second = await heurist.workflow.executeWorkflow(new Echo());
      expect(second).not.toBe(first);
      await heurist.workflow.cancelTask(first);
      await heurist.workflow.cancelTask(second);
    });
  });
}
