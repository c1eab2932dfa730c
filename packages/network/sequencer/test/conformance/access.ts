import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Who may call what. */
export function testAccess(): void {
  describe('who may do what', () => {
    test.each([
      ['a wrong key', { api_key: 'wrong' }],
      ['no key', { api_key: undefined }],
      ["another's id", { consumer_id: 'rival' }],
    ])('%s is refused without a hint', async (_, more) => {
      const { status, json } = await network.create(more);
      expect([status, json.code]).toEqual([401, 'unauthorized']);
      expect(json.message).toContain('HEURIST_API_KEY');
    });

    test('a bearer key is as good', async () => {
      const body = { task_type: 'nope', task_details: { parameters: { text: 'x' } } };
      expect((await network.call('task_create', body, network.consumer)).status).toBe(400);
      expect((await network.call('task_create', body, network.api_key)).status).toBe(400);
      expect((await network.call('task_create', body, `rival#${network.api_key}`)).status).toBe(401);
    });

    test("a consumer sees nothing of another's task", async () => {
      const { json } = await network.create();
      const [, api_key] = (await network.sequencer.createKey('consumer', 'spy')).split('#');
      for (const name of ['task_result_query', 'task_cancel', 'task_events']) {
        const reply = await network.call(name, { task_id: json.task_id, api_key });
        expect([name, reply.status, reply.json.message]).toEqual([name, 404, `There is no task ${json.task_id}.`]);
      }
      expect((await network.query(json.task_id)).status).toBe('waiting');
    });

    test('keys are good for their role only', async () => {
      expect((await network.call('miner_request', { workflow_ids: ['echo'] }, network.consumer)).status).toBe(401);
      const [consumer_id, api_key] = network.rig.split('#');
      expect((await network.create({ consumer_id, api_key })).status).toBe(401);
    });

    test('owners must fit every form of credentials', async () => {
      for (const owner of ['with-dash', 'with#hash', '', 'a b'])
        await expect(network.sequencer.createKey('consumer', owner)).rejects.toThrow('cannot own a key');
    });
  });
}
