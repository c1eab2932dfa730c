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
      expect((await submit({ job_id: 'first' })).json.task_id).toBe(first.json.task_id);
      // others are not concerned
      expect((await network.create()).status).toBe(200);
      await network.cancelAll();
      expect((await submit()).status).toBe(200);
    });

    test('stored bytes: who keeps too much adds nothing, and a resend gets its answer all the same', async () => {
      const submit = await limited('hoarder', { limits: { stored_bytes: 1000 } });
      const first = await submit({ job_id: 'first' });
      await network.database.query(
        `INSERT INTO heurist.stored (consumer_id, files, bytes) VALUES ('hoarder', 1, 1000)`,
      );
      // known for a second
      await expect.poll(async () => (await submit()).status, { timeout: 5000 }).toBe(409);
      const refused = (await submit()).json;
      expect([refused.code, refused.message]).toEqual([
        'storage_quota_exceeded',
        expect.stringContaining('its limit allows 1000'),
      ]);
      const key = await network.sequencer.createKey('consumer', 'hoarder');
      const upload = await network.call('file_create', { content_type: 'text/plain', bytes: 1 }, key);
      expect([upload.status, upload.json.code]).toEqual([409, 'storage_quota_exceeded']);
      expect((await submit({ job_id: 'first' })).json.task_id).toBe(first.json.task_id);
      await network.database.query(`DELETE FROM heurist.stored`);
      await network.cancelAll();
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

    test('calls per minute: whatever they are, with all keys together', async () => {
      const keyOf = async (limits: object) =>
        (await network.sequencer.createKey('consumer', 'chatty', limits)).split('#')[1];
      const [first, second] = [await keyOf({ limits: { calls_per_minute: 4 } }), await keyOf({})];
      const look = (api_key: string | undefined) =>
        network.call('task_result_query', { task_id: crypto.randomUUID(), api_key });
      const replies = await Promise.all([first, second, first, second].map(look));
      expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      for (const key of [first, second]) {
        const { status, json } = await look(key);
        expect([status, json.code, json.message]).toEqual([
          429,
          'rate_limited',
          expect.stringContaining('4 calls within a minute'),
        ]);
      }
      expect((await network.create()).status).toBe(200);
    });

    test('a key of an owner has its own part, once the owner has a limit', async () => {
      const narrow = await limited('shared', { limits: { open_tasks: 1 } });
      const wide = await limited('shared', {});
      // the strictest key bounds all
      expect([await narrow(), await wide()].map(({ status }) => status)).toEqual([200, 429]);
      const operator = await network.sequencer.createKey('operator', 'boss');
      const set = { role: 'consumer', owner: 'shared', limits: { open_tasks: 3 } };
      expect((await network.call('key_limit', set, operator)).status).toBe(200);
      const replies = [await narrow(), await wide(), await wide(), await wide()];
      expect(replies.map(({ status }) => status)).toEqual([429, 200, 200, 429]);
      expect(replies.map(({ json }) => json.message)).toEqual([
        expect.stringContaining('This key of shared has 1 open tasks, and its limit allows 1.'),
        undefined,
        undefined,
        expect.stringContaining('shared has 3 open tasks, and its limit allows 3.'),
      ]);
    });

    test('limits of files, texts and streams are those of the key', async () => {
      const limits = { text_characters: 5, upload_bytes: 10, owner_files: 1, streams: 1 };
      const key = await network.sequencer.createKey('consumer', 'small', { limits });
      const [consumer_id, api_key] = key.split('#');
      const submit = (text: string) => network.create({ consumer_id, api_key, task_details: { parameters: { text } } });
      expect((await submit('123456')).json.code).toBe('invalid_parameters');
      const { task_id } = (await submit('12345')).json;
      const file = (bytes: number) => network.call('file_create', { content_type: 'text/plain', bytes }, key);
      const replies = [await file(11), await file(10), await file(1)];
      expect(replies.map(({ status }) => status)).toEqual([413, 200, 429]);
      const follow = () =>
        fetch(`${network.url}/task_events`, { method: 'POST', body: JSON.stringify({ task_id, api_key }) });
      const [first, second] = [await follow(), await follow()];
      expect([first.status, second.status]).toEqual([200, 429]);
      await first.body?.cancel();
    });

    test('a machine holds twice the slots that it declares, a key of a miner what it may', async () => {
      await Promise.all(Array.from({ length: 14 }, () => network.create()));
      const key = await network.sequencer.createKey('miner', 'farm', { limits: { leases: 9, undeclared_slots: 1 } });
      const claim = (more: object) => network.call('miner_request', { workflow_ids: ['echo'], ...more }, key);
      const held = async (count: number, more: object) => {
        const replies = await Promise.all(Array.from({ length: count }, () => claim(more)));
        return replies.filter(({ json }) => json.task_id).length;
      };
      expect(await held(6, { slots: 2, machine_id: 'a' })).toBe(4);
      expect(await held(6, { slots: 1, machine_id: 'b' })).toBe(2);
      expect(await held(6, {})).toBe(2);
      expect(await held(6, { slots: 1000, machine_id: 'c' })).toBe(1);
      const { status, json } = await claim({ slots: 2, machine_id: 'd' });
      expect([status, json.code, json.message]).toEqual([429, 'rate_limited', expect.stringContaining('9 in all')]);
      for (const slots of [0, 1001, 1.5, '2']) expect((await claim({ slots })).status).toBe(400);
      expect((await claim({ machine_id: '' })).status).toBe(400);
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
