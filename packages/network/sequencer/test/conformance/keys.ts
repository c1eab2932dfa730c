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
        max_open_tasks: 5,
      });
      // neither the key nor its hash
      expect(JSON.stringify(keys)).not.toMatch(/[0-9a-f]{64}/);
      await network.call('task_cancel', { task_id: created.task_id }, json.key);
      expect((await as('key_revoke', { key_id: info.key_id })).status).toBe(200);
      expect((await submit()).status).toBe(401);
      expect((await as('key_revoke', { key_id: info.key_id })).status).toBe(404);
    });

    test.each(['key_create', 'key_list', 'key_revoke'])('%s is for operators only', async (name) => {
      const body = { role: 'operator', owner: 'thief', key_id: 'x' };
      for (const key of [network.consumer, network.rig, 'boss#wrong', 'thief#', '']) {
        const { status, json } = await as(name, body, key);
        expect([status, json.code]).toEqual([401, 'unauthorized']);
      }
    });

    test.each([
      [{ role: 'king', owner: 'x' }],
      [{ role: 'consumer', owner: 'a#b' }],
      [{ role: 'consumer', owner: '' }],
      [{ role: 'consumer', owner: 'x', max_open_tasks: 0 }],
      [{ role: 'consumer', owner: 'x', max_tasks_per_minute: 1.5 }],
      [{ owner: 'x' }],
    ])('bad input is refused: %j', async (body) => {
      expect((await as('key_create', body)).status).toBe(400);
    });

    test('a role is not good for another', async () => {
      const { json } = await as('key_create', { role: 'miner', owner: 'mole' });
      expect((await as('network_status', {}, json.key)).status).toBe(401);
      const consumer = network.consumer.replace('acme', 'rig');
      expect((await network.call('miner_request', { workflow_ids: ['echo'] }, consumer)).status).toBe(401);
    });
  });
}
