import { beforeAll, describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Keys over HTTP. */
export function testKeys(): void {
  describe('keys', () => {
    let operator: string;
    beforeAll(async () => {
      operator = await network.sequencer.createKey('operator', 'boss');
    });
    const as = (name: string, body: object, key = operator) => network.call(name, body, key);

    test('an operator makes, lists and revokes them', async () => {
      const { json } = await as('key_create', { role: 'consumer', owner: 'fresh', max_open_tasks: 5 });
      expect(json.key).toMatch(/^fresh#[0-9a-f]{64}$/);
      const submit = () => network.create({ consumer_id: 'fresh', api_key: json.key.split('#')[1] });
      const { status, json: created } = await submit();
      expect(status).toBe(200);
      const { keys, limits } = (await as('key_list', {})).json;
      expect(limits).toMatchObject({
        leases: 128,
        offers: 256,
        text_characters: 32_000,
        output_bytes_text: 10_000_000,
      });
      const info = keys.find(({ owner }: { owner: string }) => owner === 'fresh');
      expect(info).toEqual({
        key_id: expect.any(String),
        role: 'consumer',
        owner: 'fresh',
        created_at: expect.stringMatching(/^20.*Z$/),
        used_at: expect.stringMatching(/^20.*Z$/),
        max_open_tasks: 5,
        limits: { open_tasks: { value: 5, from: 'key' } },
      });
      // neither the key nor its hash
      expect(JSON.stringify(keys)).not.toMatch(/[0-9a-f]{64}/);
      await network.call('task_cancel', { task_id: created.task_id }, json.key);
      expect((await as('key_revoke', { key_id: info.key_id })).status).toBe(200);
      expect((await submit()).status).toBe(401);
      expect((await as('key_revoke', { key_id: info.key_id })).status).toBe(404);
    });

    test.each(['key_create', 'key_list', 'key_limit', 'key_change', 'key_rotate', 'key_revoke', 'audit_list'])(
      '%s is for operators only',
      async (name) => {
        const body = { role: 'operator', owner: 'thief', key_id: 'x', limits: {} };
        for (const key of ['boss#wrong', 'thief#', '']) {
          const { status, json } = await as(name, body, key);
          expect([status, json.code]).toEqual([401, 'unauthorized']);
        }
        for (const key of [network.consumer, network.rig]) {
          const { status, json } = await as(name, body, key);
          expect([status, json.message]).toEqual([403, expect.stringContaining('needs an operator key')]);
        }
      },
    );

    test.each([
      [{ role: 'king', owner: 'x' }],
      [{ role: 'consumer', owner: 'a#b' }],
      [{ role: 'consumer', owner: '' }],
      [{ role: 'consumer', owner: 'x', max_open_tasks: 0 }],
      [{ role: 'consumer', owner: 'x', max_tasks_per_minute: 1.5 }],
      [{ owner: 'x' }],
      [{ role: 'consumer', owner: 'x', limits: { streams: 0 } }],
      [{ role: 'consumer', owner: 'x', limits: { leases: 1 } }],
      [{ role: 'miner', owner: 'x', limits: { nothing: 1 } }],
    ])('bad input is refused: %j', async (body) => {
      expect((await as('key_create', body)).status).toBe(400);
    });

    test('the last operator cannot be revoked, even if two revoke each other', async () => {
      const idsOf = async () =>
        (await as('key_list', {})).json.keys
          .filter(({ role }: { role: string }) => role === 'operator')
          .map(({ key_id }: { key_id: string }) => key_id);
      const [only] = await idsOf();
      const { status, json } = await as('key_revoke', { key_id: only });
      expect([status, json.code, json.message]).toEqual([
        403,
        'forbidden',
        expect.stringMatching(/is the last operator key.*Create another/),
      ]);
      const second = await network.sequencer.createKey('operator', 'second');
      const both = await idsOf();
      const replies = await Promise.all([
        as('key_revoke', { key_id: both[0] }),
        as('key_revoke', { key_id: both[1] }, second),
      ]);
      // the other comes too late, or is refused
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
      const left = `SELECT count(*)::int AS count FROM heurist.api_key WHERE role = 'operator'`;
      expect(await network.database.query(left)).toEqual([{ count: 1 }]);
      operator = await network.sequencer.createKey('operator', 'boss');
    });

    test('a revoked key is ended everywhere within two seconds', async () => {
      const consumer = await network.sequencer.createKey('consumer', 'leaver');
      const miner = await network.sequencer.createKey('miner', 'leaving');
      const body = { task_type: 'echo', task_details: { parameters: { text: 'hi' } }, workflow_id: 'other' };
      const { json: task } = await network.call('task_create', body, consumer);
      const [, api_key] = consumer.split('#');
      const stream = await fetch(`${network.url}/task_events`, {
        method: 'POST',
        body: JSON.stringify({ task_id: task.task_id, api_key }),
      });
      const held = network.call('miner_request', { workflow_ids: ['echo'], wait_seconds: 30 }, miner);
      const file = (await network.call('file_create', { content_type: 'text/plain', bytes: 1 }, consumer)).json;
      const { keys } = (await as('key_list', {})).json;
      const idOf = (name: string) => keys.find(({ owner }: { owner: string }) => owner === name).key_id;
      const start = Date.now();
      for (const name of ['leaver', 'leaving']) await as('key_revoke', { key_id: idOf(name) });
      expect((await held).status).toBe(401);
      await stream.text();
      expect(Date.now() - start).toBeLessThan(2500);
      expect((await fetch(file.upload_url, { method: 'PUT', body: 'x' })).status).toBe(403);
    });

    test('a key that expires is ended everywhere, too, and so are its sessions', async () => {
      const expires_at = new Date(Date.now() + 1500).toISOString();
      const { json: made } = await as('key_create', { role: 'consumer', owner: 'brief', expires_at });
      const { json: mine } = await as('key_create', { role: 'miner', owner: 'brief', expires_at });
      const { json: task } = await network.call(
        'task_create',
        { task_type: 'echo', task_details: { parameters: { text: 'hi' } }, workflow_id: 'other' },
        made.key,
      );
      const { session_token } = (await network.call('session_create', { task_types: ['echo'] }, made.key)).json;
      const file = (await network.call('file_create', { content_type: 'text/plain', bytes: 1 }, made.key)).json;
      const start = Date.now();
      const stream = await fetch(`${network.url}/task_events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${made.key}` },
        body: JSON.stringify({ task_id: task.task_id }),
      });
      const held = network.call('miner_request', { workflow_ids: ['echo'], wait_seconds: 30 }, mine.key);
      const { status, json } = await held;
      expect([status, json.message]).toEqual([401, expect.stringContaining(`expired at ${expires_at}`)]);
      await stream.text();
      expect(Date.now() - start).toBeLessThan(4000);
      expect((await fetch(file.upload_url, { method: 'PUT', body: 'x' })).status).toBe(403);
      for (const key of [made.key, session_token])
        expect((await network.call('task_cancel', { task_id: task.task_id }, key)).status).toBe(401);
      const { keys } = (await as('key_list', {})).json;
      expect(keys.find(({ key_id }: { key_id: string }) => key_id === made.key_id)).toMatchObject({
        expires_at,
        used_at: expect.stringMatching(/Z$/),
      });
      // for other tests
      const again = await network.sequencer.createKey('consumer', 'brief');
      expect((await network.call('task_cancel', { task_id: task.task_id }, again)).status).toBe(200);
    });

    test('a role is not good for another', async () => {
      const { json } = await as('key_create', { role: 'miner', owner: 'mole' });
      expect((await as('network_status', {}, json.key)).status).toBe(403);
      const consumer = network.consumer.replace('acme', 'rig');
      expect((await network.call('miner_request', { workflow_ids: ['echo'] }, consumer)).status).toBe(401);
    });
  });
}
