import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

const task = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
const file = { filename: 'x', content_type: 'text/plain', bytes: 1, sha256: '0'.repeat(64) };

/** What a call must have before its key is looked at. */
const bodies: Record<string, object> = {
  task_create: task,
  tasks_create: { tasks: [task] },
  task_result_query: { task_id: 'x' },
  task_cancel: { task_id: 'x' },
  task_events: { task_id: 'x' },
  tasks_query: { task_ids: ['x'] },
  tasks_events: { tasks: [{ task_id: 'x' }] },
  file_create: file,
  miner_request: { workflow_ids: ['echo'] },
  miner_heartbeat: { lease_id: 'x' },
  miner_heartbeats: { heartbeats: [{ lease_id: 'x' }] },
  miner_upload: { lease_id: 'x', kind: 'text', ...file },
  miner_submit: { lease_id: 'x', success: false },
};

/** Calls of another role that a role may make too. */
const alsoFor: Record<string, string[]> = { session_revoke: ['operator'] };

/** Consumers' calls that a page may not make. */
const FOR_SERVERS = ['session_create', 'session_revoke', 'network_status', 'webhook_secret'];

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

    test('the key of another role is told so, in the body too', async () => {
      const [consumer_id, api_key] = network.rig.split('#');
      const { status, json } = await network.create({ consumer_id, api_key });
      expect([status, json]).toEqual([
        403,
        {
          code: 'forbidden',
          message:
            'This call needs a consumer key, but this is a miner key. Use another key, or ask the operator for one.',
        },
      ]);
      // of whom it is comes first
      expect((await network.create({ consumer_id: 'acme', api_key })).status).toBe(401);
    });

    test('every call says which role it needs, to every other role and to a session', async () => {
      const keys: Record<string, string> = {
        consumer: network.consumer,
        miner: network.rig,
        operator: await network.sequencer.createKey('operator', 'prober'),
        session: (await network.call('session_create', { task_types: ['echo'] }, network.consumer)).json.session_token,
      };
      const { paths } = (await (await fetch(`${network.url}/openapi.json`)).json()) as { paths: object };
      // the uploads of reference miners have credentials of their own
      const calls = Object.entries(paths).filter(([name, path]) => /^\/\w+$/.test(name) && 'post' in (path as object));
      expect(calls.length).toBeGreaterThan(15);
      for (const [path, { post }] of calls as [string, { post: { tags: string[] } }][])
        for (const [role, key] of Object.entries(keys)) {
          const name = path.slice(1);
          const [needed = ''] = post.tags;
          if (role === needed || (alsoFor[name] ?? []).includes(role)) continue;
          if (role === 'session' && needed === 'consumer' && !FOR_SERVERS.includes(name)) continue;
          const { status, json } = await network.call(name, bodies[name] ?? {}, key);
          const message =
            role === 'session' && needed === 'consumer' ? /^A session token cannot/ : RegExp(`${needed}\\b.* key`);
          expect([name, role, status, json.message]).toEqual([name, role, 403, expect.stringMatching(message)]);
          // the key of a large body is looked at first
          const large = await network.call(name, { ...bodies[name], more: 'x'.repeat(30_000) }, key);
          expect([name, role, large.status]).toEqual([name, role, 403]);
        }
      await network.database.query(`DELETE FROM heurist.api_key WHERE owner = 'prober'`);
    });

    test('owners must fit every form of credentials', async () => {
      for (const owner of ['with-dash', 'with#hash', '', 'a b'])
        await expect(network.sequencer.createKey('consumer', owner)).rejects.toThrow('cannot own a key');
    });
  });
}
