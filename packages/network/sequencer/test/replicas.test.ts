// Several sequencers on one PostgreSQL, as behind one address: whichever answers, it is one network.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFolderStore } from '../src/index.ts';
import { echoWorkflow, modelWorkflow, type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

type Replica = Network;

let server: TestServer;
let location: string;
let one: Replica;
let two: Replica;
let three: Replica;
const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
const clock = new SkipClock();
const start = () =>
  startNetwork({
    clock,
    location,
    leaseSeconds: 2,
    allowPrivateWebhooks: true,
    limits: { openTasks: 100_000, tasksPerMinute: 100_000, failedCalls: 64, keylessCalls: 320 },
    trustedProxies: ['127.0.0.1'],
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: [
      ...['echo', 'other'].map((name) => echoWorkflow(name)),
      ...['a', 'b'].map((model) => modelWorkflow(`with ${model}`, `${model}.safetensors`)),
    ],
  });

beforeAll(async () => {
  server = await startPostgres();
  location = await server.createDatabase();
  // together, on an empty database
  [one, two, three] = (await Promise.all([start(), start(), start()])) as [Replica, Replica, Replica];
});
beforeEach(() => one.cancelAll());
afterAll(async () => {
  await Promise.all([one, two, three].map((replica) => replica?.stop()));
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const query = async (replica: Replica, task_id: string) =>
  (await replica.call('task_result_query', { task_id, api_key: one.api_key })).json;

test('a miner that waits at one replica gets the task that another took', async () => {
  const claim = two.claim({ wait_seconds: 20 });
  await expect.poll(() => one.call('network_status', {}, one.consumer).then(({ json }) => json.miners.length)).toBe(1);
  const start = Date.now();
  const { json } = await one.create();
  expect((await claim).task_id).toBe(json.task_id);
  // by news, not by looking: the miner would have waited for 20 s
  expect(Date.now() - start).toBeLessThan(2000);
});

test('what a miner holds, and what is passed by, is known at every replica', async () => {
  const keyOf = (model: string) => `${model}.safetensors`;
  const warm = (model: string) => [{ key: keyOf(model), load_ms: 20_000 }];
  const claim = (replica: Replica, machine_id: string, held: string) =>
    replica.claim({ workflow_ids: ['with a', 'with b'], machine_id, warm: warm(held) });
  const create = async (model: string) =>
    (await one.create({ task_type: `with ${model}`, workflow_id: `with ${model}` })).json.task_id as string;
  // runs of 4 s, loads of 20 s
  await one.database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, attempt, miner_id,
       claimed_at, ended_at, model_key, was_warm, load_ms)
     SELECT gen_random_uuid(), 'seen', '', 'with a', 'with a', '{}', 'finished', 1, 'rig', now() - interval '24 s', now(),
       'a.safetensors', false, 20000 FROM generate_series(1, 5)`,
  );
  // the first holds a, and is known at both once they look again
  expect((await claim(one, 'first', 'a')).task_id).toBeNull();
  clock.skip(10_001);
  const task_id = await create('a');
  // it is left to the first, though this one asks at another replica
  expect((await claim(two, 'second', 'b')).task_id).toBeNull();
  expect(await one.database.query('SELECT head_id FROM heurist.passed')).toEqual([{ head_id: task_id }]);
  await one.database.query(`UPDATE heurist.passed SET since = since - interval '31 seconds'`);
  await expect.poll(async () => (await claim(three, 'third', 'b')).task_id, { timeout: 5000 }).toBe(task_id);
});

test('progress, preview and end are seen at any replica as they happen', async () => {
  const { json } = await one.create();
  const seen: string[] = [];
  const heurist = new Heurist({ apiKey: one.consumer, workflowURL: three.url });
  const end = heurist.workflow.task(json.task_id).wait({
    onProgress: ({ status, progress }) =>
      seen.push([status, progress?.percent, progress?.preview?.length].filter((part) => part !== undefined).join(' ')),
  });
  await expect.poll(() => seen).toEqual(['waiting']);
  const { lease_id } = await two.claim();
  // a lease is good at every replica
  await one.heartbeat(lease_id, { percent: 30, preview: 'data:image/png;base64,AAAA' }, two.rig);
  await expect.poll(() => seen.at(-1)).toBe('running 30 26');
  const { artifact_id } = await two.upload(lease_id, 'whole');
  expect((await one.submit(lease_id, { artifact_ids: [artifact_id] }, two.rig)).status).toBe(200);
  const { status, result } = await end;
  expect([status, await (await fetch(result)).text()]).toEqual(['finished', 'whole']);
});

test('a miner whose heartbeat is held at one replica hears of a cancel at another', async () => {
  const { json } = await one.create();
  const { lease_id } = await two.claim();
  await one.database.query(
    `UPDATE heurist.task SET claimed_at = now() - interval '30 seconds' WHERE status = 'running'`,
  );
  const { answer } = await two.holdHeartbeats([{ lease_id }]);
  const start = performance.now();
  await one.cancel(json.task_id);
  expect((await answer).json.results).toEqual([{ cancel: true }]);
  // by news: it would have been held for ten seconds
  expect(performance.now() - start).toBeLessThan(5000);
});

test('one stream brings the news of many tasks, whichever replica made them', async () => {
  const ids = await Promise.all(
    Array.from(
      { length: 12 },
      async (_, index) => (await [one, two, three][index % 3]!.create()).json.task_id as string,
    ),
  );
  const { workflow } = new Heurist({ apiKey: one.consumer, workflowURL: three.url });
  const ends = ids.map((task_id) => workflow.task(task_id).wait());
  const lasts: number[] = [];
  for (let done = 0; done < ids.length; done++) {
    const { lease_id, task_id } = await two.claim();
    const { artifact_id } = await two.upload(lease_id);
    await one.submit(lease_id, { artifact_ids: [artifact_id] }, two.rig);
    const start = Date.now();
    expect((await ends[ids.indexOf(task_id)])?.status).toBe('finished');
    lasts.push(Date.now() - start);
  }
  // by news: the polls would be a second apart at least
  expect(lasts.toSorted((a, b) => a - b)[6]).toBeLessThan(500);
});

test('a submit that is sent again to another replica is the same task', async () => {
  const job_id = 'once-and-for-all';
  const replies = await Promise.all(
    [one, two, three, one].map((replica) =>
      replica.call(
        'task_create',
        {
          task_type: 'echo',
          task_details: { parameters: { text: 'hi' } },
          job_id,
        },
        one.consumer,
      ),
    ),
  );
  expect(new Set(replies.map(({ json }) => json.task_id)).size).toBe(1);
  await one.cancel(replies[0]!.json.task_id);
});

test('of a hundred submits at one moment over two replicas, exactly five are taken', async () => {
  const key = await one.sequencer.createKey('consumer', 'narrow', { max_open_tasks: 5 });
  const body = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => (index % 2 ? one : two).call('task_create', body, key)),
  );
  const taken = replies.filter(({ status }) => status === 200);
  expect(taken).toHaveLength(5);
  expect(replies.filter(({ status }) => status === 429)).toHaveLength(95);
  for (const { json } of taken) await three.call('task_cancel', { task_id: json.task_id }, key);
});

test('of thirty claims and streams at one moment over two replicas, exactly ten are held', async () => {
  const limits = { held_claims: 10 };
  const miner = await one.sequencer.createKey('miner', 'clinger', { limits });
  const claims = Array.from({ length: 30 }, (_, index) =>
    (index % 2 ? one : two).call('miner_request', { workflow_ids: [`none-${index}`], wait_seconds: 3 }, miner),
  );
  const replies = await Promise.all(claims);
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(replies.find(({ status }) => status === 429)?.json).toEqual({
    code: 'rate_limited',
    message: 'clinger has 10 held claims, and the limit is 10. End some first.',
  });
  const consumer = await one.sequencer.createKey('consumer', 'watcher', { limits: { streams: 10 } });
  const body = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
  const { task_id } = (await two.call('task_create', body, consumer)).json;
  const ended = new AbortController();
  const follow = (replica: Replica) =>
    fetch(`${replica.url}/task_events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${consumer}` },
      body: JSON.stringify({ task_id }),
      signal: ended.signal,
    });
  const streams = await Promise.all(Array.from({ length: 30 }, (_, index) => follow(index % 2 ? one : three)));
  expect(streams.filter(({ status }) => status === 200)).toHaveLength(10);
  ended.abort();
  // what one replica had is free at the other
  await expect.poll(async () => (await one.claim({ workflow_ids: ['none'] }, miner)).task_id).toBeNull();
  await one.call('task_cancel', { task_id }, consumer);
});

test('limits that one replica sets are in force at the other within two seconds', async () => {
  const operator = await one.sequencer.createKey('operator', 'boss');
  const key = await one.sequencer.createKey('consumer', 'growing', { max_open_tasks: 1 });
  const body = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
  const submit = async () => (await two.call('task_create', body, key)).status;
  expect([await submit(), await submit()]).toEqual([200, 429]);
  const limits = { open_tasks: 2 };
  const { keys } = (await one.call('key_list', {}, operator)).json;
  const { key_id } = keys.find(({ owner }: { owner: string }) => owner === 'growing');
  expect((await one.call('key_limit', { key_id, limits }, operator)).status).toBe(200);
  await expect.poll(submit, { timeout: 2000 }).toBe(200);
  expect(await submit()).toBe(429);
  await two.call('key_limit', { role: 'consumer', owner: 'growing', limits: { open_tasks: 1 } }, operator);
  expect((await one.call('key_limit', { key_id, role: 'consumer', limits }, operator)).status).toBe(400);
  expect((await one.call('key_limit', { role: 'consumer', limits }, operator)).status).toBe(400);
  await one.database.query(`DELETE FROM heurist.task WHERE consumer_id = 'growing'`);
});

test('a cancel reaches the miner wherever it reports', async () => {
  const { json } = await one.create();
  const { lease_id } = await two.claim();
  await three.call('task_cancel', { task_id: json.task_id, api_key: one.api_key });
  expect((await two.heartbeat(lease_id)).json).toEqual({ cancel: true });
});

test('a miner that goes offline with its replica loses the task to another', async () => {
  const extra = await start();
  const { json } = await one.create();
  const { lease_id } = await extra.claim();
  await extra.stop();
  await one.ageHeartbeats(2);
  const again = await two.claim({ wait_seconds: 15 });
  expect(again.task_id).toBe(json.task_id);
  const late = { success: false, error: { code: 'execution_failed', message: 'too late' } };
  expect((await one.submit(lease_id, late, extra.rig)).status).toBe(409);
  expect(await query(three, json.task_id)).toMatchObject({ status: 'running', attempt: 2 });
});

test('each task is handed out once, however many ask at once', async () => {
  const replicas = [one, two, three];
  const created = await Promise.all(
    Array.from({ length: 120 }, (_, index) =>
      replicas[index % 3]!.call(
        'task_create',
        {
          task_type: 'echo',
          task_details: { parameters: { text: 'hi' } },
          job_id: `many-${index}`,
        },
        one.consumer,
      ),
    ),
  );
  const claimed: string[] = [];
  await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const replica = replicas[index % 3]!;
      for (;;) {
        const task = await replica.claim({ wait_seconds: 1 });
        if (!task.task_id) return;
        claimed.push(task.task_id);
        const { artifact_id } = await replica.upload(task.lease_id);
        await replica.submit(task.lease_id, { artifact_ids: [artifact_id] });
      }
    }),
  );
  expect(claimed.toSorted()).toEqual(created.map(({ json }) => json.task_id).toSorted());
  expect((await query(two, claimed[0]!)).status).toBe('finished');
});

test('the end of each task is sent once, whichever replica does it', async () => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(`${request.headers['webhook-id']}`.split('_')[0]!);
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const webhook_url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const created = await Promise.all(Array.from({ length: 40 }, () => one.create({ webhook_url })));
  await one.cancelAll();
  const ids = created.map(({ json }) => json.task_id).toSorted();
  await expect.poll(() => received.toSorted(), { timeout: 10_000 }).toEqual(ids);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(received).toHaveLength(40);
  receiver.close();
});

test('invalid keys and signed URLs of an address are counted over all replicas', async () => {
  const from = { 'x-forwarded-for': '192.0.2.1' };
  const replica = (index: number) => [one, two, three][index % 3]!;
  const statuses = { failed: [] as number[], keyless: [] as number[] };
  for (let index = 0; index < 120; index++) {
    const response = await fetch(`${replica(index).url}/network_status`, {
      method: 'POST',
      headers: from,
      body: JSON.stringify({ api_key: `wrong-${index}` }),
    });
    statuses.failed.push(response.status);
    await response.text();
    for (let each = 0; each < 4; each++)
      statuses.keyless.push(
        (await fetch(`${replica(each + index).url}/docs`, { method: 'HEAD', headers: from })).status,
      );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const letIn = (all: number[]) => all.filter((status) => status !== 429).length;
  expect(letIn(statuses.failed)).toBeGreaterThanOrEqual(64);
  expect(letIn(statuses.failed)).toBeLessThan(90);
  expect(letIn(statuses.keyless)).toBeGreaterThanOrEqual(320);
  expect(letIn(statuses.keyless)).toBeLessThan(400);
});

test('a restart of the database loses nothing, and the replicas hear of each other again', async () => {
  const { json } = await one.create();
  await server.restart();
  await expect.poll(async () => (await query(two, json.task_id)).status, { timeout: 20_000 }).toBe('waiting');
  await two.cancel(json.task_id);
  await three.call('task_cancel', { task_id: json.task_id, api_key: one.api_key });
  // the next news come when every replica listens again
  await expect
    .poll(
      async () => {
        const claim = two.claim({ wait_seconds: 2 });
        await one.create();
        const found = (await claim).task_id !== null;
        await one.cancelAll();
        return found;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
}, 60_000);

test('a database that cannot be opened: the error says why, and never the password', async () => {
  const { openDatabase } = await import('../src/index.ts');
  const failure = await openDatabase('postgres://me:hush@127.0.0.1:9/none').catch((error) => error);
  expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
  const wrong = await openDatabase(location.replace('only-for-tests', 'hush')).catch((error) => error);
  expect(wrong.message).toMatch(/cannot be reached/);
  expect(failure.message + wrong.message).not.toContain('hush');
});

test('sessions are counted exactly, and end with their key, at whichever replica pages call', async () => {
  const key = await one.sequencer.createKey('consumer', 'pages', { limits: { sessions: 5 } });
  const replicas = [one, two, three];
  const create = (index: number) =>
    replicas[index % 3]!.call('session_create', { task_types: ['echo'], max_tasks: 7 }, key);
  const made = (await Promise.all(Array.from({ length: 15 }, (_, index) => create(index)))).filter(
    ({ status }) => status === 200,
  );
  expect(made).toHaveLength(5);
  const { session_token } = made[0]!.json;
  const submit = (index: number) =>
    replicas[index % 3]!.call('task_create', { task_type: 'echo', task_details: { text: 'hi' } }, session_token);
  const replies = await Promise.all(Array.from({ length: 30 }, (_, index) => submit(index)));
  const accepted = replies.filter(({ status }) => status === 200);
  expect(accepted).toHaveLength(7);
  const boss = await one.sequencer.createKey('operator', 'boss');
  const { keys } = (await one.call('key_list', {}, boss)).json;
  const { key_id } = keys.find(({ owner }: { owner: string }) => owner === 'pages');
  await one.call('key_revoke', { key_id }, boss);
  for (const replica of replicas)
    await expect
      .poll(() => replica.call('task_result_query', { task_id: accepted[0]!.json.task_id }, session_token), {
        timeout: 2000,
      })
      .toMatchObject({ status: 401 });
});
