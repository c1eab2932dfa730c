import { randomUUID } from 'node:crypto';
import { Heurist, WorkflowTask } from '@heurist/core';
import { afterEach, describe, expect, test } from 'vitest';
import { network } from './shared.ts';

interface Session {
  session_token: string;
  session_id: string;
  expires_at: string;
}

const submission = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };

/** Session tokens, with which web pages call. */
export function testSessions(): void {
  describe('sessions', () => {
    const create = (request: object, key = network.consumer) => network.call('session_create', request, key);
    const open = async (request: object = {}, key = network.consumer): Promise<Session> => {
      const { status, json } = await create({ task_types: ['echo'], ...request }, key);
      expect([status, json]).toEqual([200, expect.anything()]);
      return json;
    };
    const submitted: { task_id: string; key: string }[] = [];
    const submit = async (token: string, more: object = {}) => {
      const reply = await network.call('task_create', { ...submission, ...more }, token);
      if (reply.status === 200) submitted.push({ task_id: reply.json.task_id, key: token });
      return reply;
    };
    // another test would claim them
    afterEach(async () => {
      for (const { task_id, key } of submitted.splice(0)) {
        await network.call('task_cancel', { task_id }, key);
        await network.cancel(task_id);
      }
    });
    const codesOf = (replies: { status: number; json: { code?: string } }[]) =>
      replies.map(({ status, json }) => json.code ?? status);

    test('a page submits, follows, waits, cancels and uploads with a token in place of a key', async () => {
      const server = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
      const asked = { task_types: ['echo'], user_id: 'ada', max_tasks: 2 };
      const { session_token, expires_at } = await server.workflow.createSession(asked);
      expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(850_000);
      const heurist = new Heurist({ apiKey: session_token, workflowURL: network.url });
      class Echo extends WorkflowTask {
        get task_type() {
          return 'echo';
        }
        get task_details() {
          return submission.task_details;
        }
      }
      const seen: string[] = [];
      const end = heurist.workflow.executeWorkflowAndWaitForResult(new Echo({}), 20_000, 10_000, {
        onProgress: ({ status }) => seen.push(status),
      });
      await expect.poll(() => seen).toContain('waiting');
      const { lease_id } = await network.claim();
      const { artifact_id } = await network.upload(lease_id);
      await network.submit(lease_id, { artifact_ids: [artifact_id] });
      expect((await end).status).toBe('finished');
      const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      const url = await heurist.workflow.uploadFile(png);
      expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(png);
      const task_id = await heurist.workflow.executeWorkflow(new Echo({}));
      expect((await heurist.workflow.cancelTask(task_id)).msg).toBe('canceled');
    });

    test('it sees tasks of its own session alone; the key of its app sees all', async () => {
      const [one, two] = [await open({ user_id: 'ada' }), await open({ user_id: 'ada' })];
      const { task_id } = (await submit(one.session_token)).json;
      const byKey = (await network.create()).json.task_id;
      for (const name of ['task_result_query', 'task_cancel', 'task_events'])
        for (const [id, token] of [
          [task_id, two.session_token],
          [byKey, one.session_token],
        ]) {
          const { status, json } = await network.call(name, { task_id: id }, token);
          expect([name, status, json.message]).toEqual([name, 404, `There is no task ${id}.`]);
        }
      expect((await network.query(task_id)).status).toBe('waiting');
      const mine = await network.call('task_result_query', { task_id }, one.session_token);
      expect(mine.json.task_id).toBe(task_id);
      await network.cancel(task_id);
    });

    test('with `sees_user` it sees every task of its end user, and of nobody else', async () => {
      const ada = { user_id: 'ada', sees_user: true };
      const [one, two, narrow, bobs] = [
        await open(ada),
        await open(ada),
        await open({ user_id: 'ada' }),
        await open({ user_id: 'bob', sees_user: true }),
      ];
      const job_id = randomUUID();
      const { task_id } = (await submit(one.session_token, { job_id })).json;
      const inHerName = { ...submission, user_id: 'ada' };
      const byServer = (await network.call('task_create', inHerName, network.consumer)).json.task_id;
      const ofNobody = (await network.create()).json.task_id;
      const ofNarrow = (await submit(narrow.session_token)).json.task_id;
      const statusOf = async (id: string, { session_token }: Session) =>
        (await network.call('task_result_query', { task_id: id }, session_token)).status;
      for (const id of [task_id, byServer])
        expect([await statusOf(id, two), await statusOf(id, narrow), await statusOf(id, bobs)]).toEqual([
          200, 404, 404,
        ]);
      for (const id of [ofNobody, ofNarrow]) expect(await statusOf(id, two)).toBe(404);
      expect((await submit(two.session_token, { job_id })).json.task_id).toBe(task_id);
      expect((await network.call('task_cancel', { task_id }, two.session_token)).status).toBe(200);
      for (const id of [byServer, ofNobody]) await network.cancel(id);
      const nameless = await create({ task_types: ['echo'], sees_user: true });
      expect([nameless.json.code, nameless.json.message]).toEqual([
        'invalid_request',
        expect.stringContaining('`user_id`'),
      ]);
    });

    test('job ids of sessions are their own', async () => {
      const [one, two] = [await open(), await open()];
      const job_id = randomUUID();
      const ids = [
        await submit(one.session_token, { job_id }),
        await submit(one.session_token, { job_id }),
        await submit(two.session_token, { job_id }),
        await network.create({ job_id }),
      ].map(({ json }) => json.task_id);
      expect(ids[1]).toBe(ids[0]);
      expect(new Set(ids).size).toBe(3);
      const conflict = await submit(one.session_token, { job_id, task_details: { parameters: { text: 'other' } } });
      expect(conflict.json.message).toContain(`job_id ${job_id} was already used`);
      for (const task_id of ids) await network.cancel(task_id);
    });

    test('it submits what it was made for, and nothing else', async () => {
      const { session_token: narrow } = await open({ task_types: [], workflow_ids: ['other'] });
      const tasks = [
        // picked among what it may
        await submit(narrow),
        await submit(narrow, { workflow_id: 'other' }),
        await submit(narrow, { workflow_id: 'echo' }),
        await submit(narrow, { task_type: 'raw' }),
        await submit(narrow, { webhook_url: 'https://example.com/hook' }),
        await submit(narrow, { priority: 'high' }),
      ];
      expect(codesOf(tasks)).toEqual([200, 200, 'forbidden', 'forbidden', 'forbidden', 'forbidden']);
      expect((await network.query(tasks[0]!.json.task_id)).workflow_id).toBe('other');
      expect(tasks[2]!.json.message).toBe('This session token does not permit workflow echo.');
      for (const { json } of tasks.slice(0, 2)) await network.cancel(json.task_id);
    });

    test.each(['session_create', 'session_revoke', 'webhook_secret', 'network_status'])(
      '%s needs the key itself',
      async (name) => {
        const { session_token } = await open();
        const { status, json } = await network.call(name, { task_types: ['echo'] }, session_token);
        expect([status, json.code]).toEqual([403, 'forbidden']);
      },
    );

    test('a token is no key of miners and operators', async () => {
      const { session_token } = await open();
      for (const name of ['miner_request', 'key_list'])
        expect((await network.call(name, { workflow_ids: ['echo'] }, session_token)).status).toBe(403);
    });

    test('exactly as many tasks as it may, however many come at once; a resend does not count', async () => {
      const { session_token } = await open({ max_tasks: 3 });
      const job_id = randomUUID();
      const all = await Promise.all([
        ...Array.from({ length: 9 }, () => submit(session_token)),
        submit(session_token, { job_id }),
        submit(session_token, { job_id }),
      ]);
      const ids = new Set(all.map(({ json }) => json.task_id).filter(Boolean));
      expect(ids.size).toBe(3);
      const refused = all.find(({ status }) => status !== 200);
      expect([refused?.status, refused?.json.code]).toEqual([403, 'forbidden']);
      expect(refused?.json.message).toContain('all of its 3 tasks');
      for (const task_id of ids) await network.cancel(task_id as string);
      expect((await submit(session_token)).status).toBe(403);
    });

    test('a resend of its last task gets the same answer', async () => {
      const { session_token } = await open({ max_tasks: 1 });
      const job_id = randomUUID();
      const first = await submit(session_token, { job_id });
      const again = await submit(session_token, { job_id });
      expect([again.status, again.json.task_id]).toEqual([200, first.json.task_id]);
      await network.cancel(first.json.task_id);
    });

    test('exactly as many files', async () => {
      const { session_token } = await open({ max_files: 2 });
      const file = () => network.call('file_create', { content_type: 'image/png', bytes: 9 }, session_token);
      const replies = await Promise.all([file(), file(), file(), file()]);
      expect(codesOf(replies).toSorted()).toEqual([200, 200, 'forbidden', 'forbidden']);
    });

    test('sessions of an owner, a key and an end user are counted', async () => {
      const limits = { sessions: 4, user_sessions: 2, session_tasks: 5, session_files: 6, session_seconds: 60 };
      const key = await network.sequencer.createKey('consumer', 'pages', { limits });
      const many = await Promise.all(
        Array.from({ length: 5 }, () => create({ task_types: ['echo'], user_id: 'bob' }, key)),
      );
      expect(codesOf(many).toSorted()).toEqual([200, 200, 'rate_limited', 'rate_limited', 'rate_limited']);
      const rest = await Promise.all(Array.from({ length: 5 }, () => create({ task_types: ['echo'] }, key)));
      expect(codesOf(rest).filter((code) => code === 200)).toHaveLength(2);
      const bounded = [{ max_tasks: 6 }, { max_files: 7 }, { expires_in: 61 }];
      for (const more of bounded) {
        const { json } = await create({ task_types: ['echo'], ...more }, key);
        expect([json.code, json.message]).toEqual([
          'invalid_request',
          expect.stringContaining('the limit of your key'),
        ]);
      }
    });

    test('it must say what may be submitted with it', async () => {
      for (const request of [{}, { task_types: [], workflow_ids: [] }])
        expect((await create(request)).json.message).toContain('add `workflow_ids`, `task_types`, or both');
    });

    test('streams of a session are counted apart from those of its owner', async () => {
      const key = await network.sequencer.createKey('consumer', 'streamer', { limits: { session_streams: 1 } });
      const [one, two] = [await open({}, key), await open({}, key)];
      const follow = async ({ session_token }: Session) => {
        const { task_id } = (await submit(session_token)).json;
        const headers = { authorization: `Bearer ${session_token}` };
        return await fetch(`${network.url}/task_events`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ task_id }),
        });
      };
      const streams = [await follow(one), await follow(one), await follow(two)];
      expect(streams.map(({ status }) => status)).toEqual([200, 429, 200]);
      expect(((await streams[1]!.json()) as { message: string }).message).toContain('This session has 1 open event');
      for (const { body } of [streams[0]!, streams[2]!]) await body?.cancel();
    });

    test('a page that floods uses up its own calls, not those of its owner', async () => {
      const limits = { session_calls_per_minute: 3, calls_per_minute: 9 };
      const key = await network.sequencer.createKey('consumer', 'flooded', { limits });
      const [one, two] = [await open({}, key), await open({}, key)];
      const ask = ({ session_token }: Session) => network.call('resource_request', {}, session_token);
      const replies = [];
      for (let count = 0; count < 9; count++) replies.push(await ask(one));
      expect(codesOf(replies)).toEqual([200, 200, 200, ...Array(6).fill('rate_limited')]);
      expect((await ask(two)).status).toBe(200);
      expect((await network.call('resource_request', {}, key)).status).toBe(200);
    });

    test('it ends by itself, and its streams with it', async () => {
      const { session_token } = await open({ expires_in: 2 });
      const { task_id } = (await submit(session_token)).json;
      const headers = { authorization: `Bearer ${session_token}` };
      const body = JSON.stringify({ task_id });
      const stream = await fetch(`${network.url}/task_events`, { method: 'POST', headers, body });
      expect(await stream.text()).toContain('"waiting"');
      const late = await submit(session_token);
      expect([late.status, late.json.message]).toEqual([401, expect.stringContaining('has expired')]);
      await network.cancel(task_id);
    });

    test('it ends with its key, within two seconds, and so do its streams', async () => {
      const key = await network.sequencer.createKey('consumer', 'gone');
      const { session_token } = await open({}, key);
      const { task_id } = (await submit(session_token)).json;
      // nobody could cancel it afterwards
      const { lease_id } = await network.claim();
      const headers = { authorization: `Bearer ${session_token}` };
      const body = JSON.stringify({ task_id });
      const stream = await fetch(`${network.url}/task_events`, { method: 'POST', headers, body });
      const boss = await network.sequencer.createKey('operator', 'boss');
      const { keys } = (await network.call('key_list', {}, boss)).json;
      const { key_id } = keys.find(({ owner }: { owner: string }) => owner === 'gone');
      await network.call('key_revoke', { key_id }, boss);
      const revokedAt = performance.now();
      const late = await submit(session_token);
      expect([late.status, late.json.message]).toEqual([401, expect.stringContaining('its key was revoked')]);
      await stream.text();
      expect(performance.now() - revokedAt).toBeLessThan(2000);
      await network.submit(lease_id, { success: false, error: { code: 'gone', message: '', is_retryable: false } });
    });

    describe('revoked', () => {
      const revoke = (choice: object, key = network.consumer) => network.call('session_revoke', choice, key);
      const isOpen = async ({ session_token }: Session) => {
        const { status, json } = await network.call('resource_request', {}, session_token);
        if (status !== 200) expect([status, json.message]).toEqual([401, expect.stringContaining('it was revoked')]);
        return status === 200;
      };

      test('alone, it ends at once, and the others and its key do not; its tasks go on', async () => {
        const server = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
        const [one, two] = [await open({ user_id: 'ada' }), await open({ user_id: 'ada' })];
        const { task_id } = (await submit(one.session_token)).json;
        // it has just been used
        expect(await isOpen(one)).toBe(true);
        expect(await server.workflow.revokeSession({ session_id: one.session_id })).toEqual([one.session_id]);
        expect([await isOpen(one), await isOpen(two)]).toEqual([false, true]);
        for (const name of ['task_create', 'task_result_query', 'task_cancel', 'task_events', 'file_create']) {
          const body = { ...submission, task_id, content_type: 'image/png', bytes: 9 };
          expect([name, (await network.call(name, body, one.session_token)).status]).toEqual([name, 401]);
        }
        expect((await network.query(task_id)).status).toBe('waiting');
        expect((await network.call('resource_request', {}, network.consumer)).status).toBe(200);
      });

      test('its streams end within two seconds, and those of others go on', async () => {
        const [one, two] = [await open(), await open()];
        const follow = async ({ session_token }: Session) => {
          const { task_id } = (await submit(session_token)).json;
          const headers = { authorization: `Bearer ${session_token}` };
          const body = JSON.stringify({ task_id });
          return (await fetch(`${network.url}/task_events`, { method: 'POST', headers, body })).body!.getReader();
        };
        const [ends, stays] = [await follow(one), await follow(two)];
        for (const reader of [ends, stays]) await reader.read();
        await revoke({ session_id: one.session_id });
        const revokedAt = performance.now();
        while (!(await ends.read()).done);
        expect(performance.now() - revokedAt).toBeLessThan(2000);
        const next = stays.read();
        const first = await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50, 'open'))]);
        if (first !== 'open') expect(first).toMatchObject({ done: false });
        await stays.cancel();
      });

      test('all sessions of an end user end together, and make room for new ones', async () => {
        const key = await network.sequencer.createKey('consumer', 'signout', { limits: { user_sessions: 2 } });
        const ask = { user_id: 'ada' };
        const adas = [await open(ask, key), await open(ask, key)];
        const bobs = await open({ user_id: 'bob' }, key);
        expect((await create({ task_types: ['echo'], ...ask }, key)).json.code).toBe('rate_limited');
        const { json } = await revoke(ask, key);
        expect(json.session_ids.toSorted()).toEqual(adas.map(({ session_id }) => session_id).toSorted());
        expect([await isOpen(adas[0]!), await isOpen(adas[1]!), await isOpen(bobs)]).toEqual([false, false, true]);
        await open(ask, key);
        // nobody of this name has one
        expect((await revoke({ user_id: 'eve' }, key)).json).toEqual({ session_ids: [] });
      });

      test('those of another consumer, or end user, are not found', async () => {
        const session = await open({ user_id: 'ada' });
        const rival = await network.sequencer.createKey('consumer', 'rival');
        const { session_id } = session;
        const replies = [
          await revoke({ session_id }, rival),
          await revoke({ session_id, user_id: 'bob' }),
          await revoke({ session_id: randomUUID() }),
          await revoke({ session_id: 'none' }),
        ];
        expect(codesOf(replies)).toEqual(Array(4).fill('not_found'));
        expect((await revoke({ user_id: 'ada' }, rival)).json).toEqual({ session_ids: [] });
        expect(await isOpen(session)).toBe(true);
        expect((await revoke({ session_id, user_id: 'ada' })).status).toBe(200);
        expect((await revoke({ session_id })).json.code).toBe('not_found');
      });

      test('an operator can revoke any one; pages and miners none', async () => {
        const [one, two] = [await open({ user_id: 'ada' }), await open()];
        const boss = await network.sequencer.createKey('operator', 'boss');
        expect(codesOf([await revoke({ user_id: 'ada' }, boss), await revoke({}, boss), await revoke({})])).toEqual(
          Array(3).fill('invalid_request'),
        );
        expect(codesOf([await revoke({ session_id: one.session_id }, two.session_token)])).toEqual(['forbidden']);
        expect(codesOf([await revoke({ session_id: one.session_id }, network.rig)])).toEqual(['forbidden']);
        expect(await isOpen(one)).toBe(true);
        expect((await revoke({ session_id: one.session_id }, boss)).json).toEqual({ session_ids: [one.session_id] });
        expect([await isOpen(one), await isOpen(two)]).toEqual([false, true]);
      });
    });

    test('tokens that were changed are refused', async () => {
      const { session_token } = await open();
      const [owner, token = ''] = session_token.split('#');
      expect(owner).toBe('acme');
      const [prefix, body = '', signature = ''] = token.split('.');
      const session = JSON.parse(Buffer.from(body, 'base64url').toString());
      const forged = Buffer.from(JSON.stringify({ ...session, task_types: ['other'] })).toString('base64url');
      await network.create();
      const lease: string = (await network.claim()).lease_id;
      for (const changed of [
        `${prefix}.${forged}.${signature}`,
        `${prefix}.${body}.${signature.slice(1)}`,
        `${prefix}.${body}`,
        `${prefix}.${body}.${signature}.x`,
        `${prefix}.${lease}`,
        `rival#${token}`,
      ])
        expect((await submit(changed)).json.code).toBe('unauthorized');
      expect((await submit(token)).status).toBe(200);
      expect(Object.values(session).join()).not.toContain(network.api_key);
    });

    test('no token is stored', async () => {
      const { session_token, session_id } = await open({ user_id: 'eve' });
      const rows = await network.database.query('SELECT * FROM heurist.session WHERE session_id = $1', [session_id]);
      expect(JSON.stringify(rows)).not.toContain(session_token.split('.')[2]);
      expect(rows).toEqual([expect.objectContaining({ user_id: 'eve', owner: 'acme' })]);
    });
  });

  describe('a server that calls for its end users', () => {
    const body = { ...submission, user_id: 'ada' };

    test('each sees only what was submitted in its name; the key alone sees all', async () => {
      const job_id = randomUUID();
      const { task_id } = (await network.call('task_create', { ...body, job_id }, network.consumer)).json;
      const ask = (user_id?: string) => network.call('task_result_query', { task_id, user_id }, network.consumer);
      expect((await ask('ada')).json.task_id).toBe(task_id);
      expect((await ask()).json.task_id).toBe(task_id);
      for (const user_id of ['bob', 'ada ', 'user:ada'])
        expect([user_id, (await ask(user_id)).status]).toEqual([user_id, 404]);
      const bobs = await network.call('task_create', { ...body, job_id, user_id: 'bob' }, network.consumer);
      expect(bobs.json.task_id).not.toBe(task_id);
      for (const id of [task_id, bobs.json.task_id]) await network.cancel(id);
    });
  });
}
