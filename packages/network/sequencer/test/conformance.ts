// What a sequencer does, whatever its database: one suite for all.
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Heurist, WorkflowTask } from '@heurist/core';
import { verifyWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSequencer } from './harness.ts';

/** @param locate - where the database is, as `openDatabase` takes it */
export function testSequencer(locate: () => Promise<string | undefined>): void {
  let network: Awaited<ReturnType<typeof startSequencer>>;
  beforeAll(async () => {
    network = await startSequencer({
      location: await locate(),
      leaseSeconds: 2,
      maxAttempts: 3,
      allowLegacyMiners: true,
      allowPrivateWebhooks: true,
    });
  });
  beforeEach(() => network.cancelAll());
  afterAll(() => network.stop());

  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  describe('a task from submit to result', () => {
    test('waits, runs with progress, finishes with its outputs', async () => {
      const { json } = await network.create({ workflow_id: 'echo' });
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'waiting',
        queue_position: 0,
        workflow_id: 'echo',
      });

      const task = await network.claim();
      expect(task).toMatchObject({
        task_id: json.task_id,
        workflow_id: 'echo',
        task_type: 'echo',
        task_details: { parameters: { text: 'hi' } },
        lease_id: expect.any(String),
      });
      const preview = 'data:image/jpeg;base64,AAAA';
      expect((await network.heartbeat(task.lease_id, { percent: 40, node: 'Text', preview })).json).toEqual({
        cancel: false,
      });
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'running',
        attempt: 1,
        progress: { percent: 40, node: 'Text', preview },
      });

      const { artifact_id, status } = await network.upload(task.lease_id, 'hello');
      expect(status).toBe(200);
      const delivery = {
        artifact_ids: [artifact_id],
        parameters: { text: 'hi' },
        models: { a: 'b' },
        upload_latency: 0.5,
      };
      expect((await network.submit(task.lease_id, delivery)).status).toBe(200);
      const result = await network.query(json.task_id);
      expect(result).toMatchObject({
        status: 'finished',
        parameters: { text: 'hi' },
        models: { a: 'b' },
        outputs: [{ kind: 'text', bytes: 5, filename: 'out.txt', content_type: 'text/plain' }],
        timings: { queued_ms: expect.any(Number), upload_ms: 500, total_ms: expect.any(Number) },
      });
      expect(result.result).toBe(result.outputs[0].url);
      expect(await (await fetch(result.result)).text()).toBe('hello');
    });

    test('first come, first served, within and across workflows', async () => {
      const ids: string[] = [];
      for (const workflow_id of ['echo', 'other', 'echo'])
        ids.push((await network.create({ workflow_id })).json.task_id);
      expect((await network.query(ids[2]!)).queue_position).toBe(1);
      const claimed: string[] = [];
      for (let n = 0; n < 3; n++) claimed.push((await network.claim({ workflow_ids: ['other', 'echo'] })).task_id);
      expect(claimed).toEqual(ids);
      expect((await network.claim()).task_id).toBeNull();
    });

    test('a miner that waits gets a task the moment it comes', async () => {
      const waiting = network.claim({ wait_seconds: 10 });
      await sleep(100);
      const { json } = await network.create();
      const start = Date.now();
      expect((await waiting).task_id).toBe(json.task_id);
      expect(Date.now() - start).toBeLessThan(1000);
    });

    test('two miners never get the same task', async () => {
      const ids = await Promise.all(Array.from({ length: 12 }, async () => (await network.create()).json.task_id));
      const claims = await Promise.all(Array.from({ length: 20 }, () => network.claim()));
      const got = claims.flatMap(({ task_id }) => task_id ?? []);
      expect(got.toSorted()).toEqual(ids.toSorted());
    });
  });

  describe('a claim whose answer was lost', () => {
    test('is answered again with the same task', async () => {
      const [one, two] = [(await network.create()).json.task_id, (await network.create()).json.task_id];
      const first = await network.claim({ claim_id: 'claim-1' });
      const again = await network.claim({ claim_id: 'claim-1' });
      expect([first.task_id, again.task_id]).toEqual([one, one]);
      const { artifact_id } = await network.upload(again.lease_id);
      expect((await network.submit(again.lease_id, { artifact_ids: [artifact_id] })).status).toBe(200);
      // what has ended is not handed out again
      expect((await network.claim({ claim_id: 'claim-1' })).task_id).toBe(two);
    });

    test('but not to another miner', async () => {
      const { json } = await network.create();
      const stranger = await network.sequencer.createKey('miner', 'stranger');
      expect((await network.claim({ claim_id: 'claim-2' })).task_id).toBe(json.task_id);
      expect((await network.claim({ claim_id: 'claim-2' }, stranger)).task_id).toBeNull();
    });
  });

  describe('one submit is one task', () => {
    test('the same job_id gets the same task', async () => {
      const job_id = randomUUID();
      const replies = await Promise.all([1, 2, 3].map(() => network.create({ job_id })));
      expect(new Set(replies.map(({ json }) => json.task_id)).size).toBe(1);
    });

    test('the same job_id for something else is refused', async () => {
      const job_id = randomUUID();
      await network.create({ job_id });
      const { status, json } = await network.create({ job_id, task_details: { parameters: { text: 'other' } } });
      expect([status, json.code]).toEqual([409, 'job_id_conflict']);
    });

    test('another consumer may use the same job_id', async () => {
      const job_id = randomUUID();
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'rival')).split('#');
      const [mine, theirs] = [await network.create({ job_id }), await network.create({ job_id, consumer_id, api_key })];
      expect(theirs.status).toBe(200);
      expect(theirs.json.task_id).not.toBe(mine.json.task_id);
    });
  });

  describe('leases', () => {
    test('a silent miner loses its task within seconds, and cannot submit any more', async () => {
      const { json } = await network.create();
      const first = await network.claim();
      const { artifact_id } = await network.upload(first.lease_id);
      const second = await network.claim({ wait_seconds: 5 });
      expect(second.task_id).toBe(json.task_id);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 2 });

      const late = await network.submit(first.lease_id, { artifact_ids: [artifact_id] });
      expect([late.status, late.json.code]).toEqual([409, 'lease_lost']);
      expect((await network.heartbeat(first.lease_id)).status).toBe(409);
      // nor does the first miner's file count for the second
      expect((await network.submit(second.lease_id, { artifact_ids: [artifact_id] })).status).toBe(400);
      const own = await network.upload(second.lease_id);
      expect((await network.submit(second.lease_id, { artifact_ids: [own.artifact_id] })).status).toBe(200);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'finished', attempt: 2 });
    });

    test('heartbeats keep a task', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      for (let beat = 0; beat < 8; beat++) {
        await sleep(400);
        expect((await network.heartbeat(task.lease_id)).status).toBe(200);
      }
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 1 });
    });

    test('after the last attempt the task fails and says why', async () => {
      const { json } = await network.create();
      for (let attempt = 1; attempt <= 3; attempt++)
        expect((await network.claim({ wait_seconds: 5 })).task_id).toBe(json.task_id);
      await expect
        .poll(() => network.query(json.task_id), { timeout: 5000 })
        .toMatchObject({
          status: 'failed',
          attempt: 3,
          error: { code: 'miner_lost', message: expect.stringContaining('Submit it again') },
          history: [1, 2, 3].map((attempt) => ({ attempt, miner_id: 'rig', code: 'miner_lost' })),
        });
      expect((await network.claim()).task_id).toBeNull();
    });

    test('a submit whose answer was lost is accepted again and counts once', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      const submits = await Promise.all(
        [1, 2, 3].map(() => network.submit(task.lease_id, { artifact_ids: [artifact_id] })),
      );
      expect(submits.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect((await network.query(json.task_id)).outputs).toHaveLength(1);
    });

    test('a failure in passing is handed out again, one for good is not', async () => {
      const { json } = await network.create();
      const first = await network.claim();
      const error = { code: 'comfyui_failed', message: 'restarted', is_retryable: true };
      await network.submit(first.lease_id, { success: false, error });
      expect(await network.query(json.task_id)).toMatchObject({ status: 'waiting', attempt: 1 });
      const second = await network.claim();
      expect(second.task_id).toBe(json.task_id);
      await network.submit(second.lease_id, {
        success: false,
        error: { code: 'input_invalid', message: 'no picture' },
      });
      expect(await network.query(json.task_id)).toMatchObject({ status: 'failed', error: { code: 'input_invalid' } });
    });

    test('a lease cannot be made up, changed, or used by another miner', async () => {
      await network.create();
      const task = await network.claim();
      const [body, signature] = task.lease_id.split('.');
      const forged = Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), attempt: 5 }),
      );
      const thief = await network.sequencer.createKey('miner', 'thief');
      for (const [lease, key] of [
        ['nonsense', network.rig],
        [`${forged.toString('base64url')}.${signature}`, network.rig],
        [task.lease_id, thief],
      ])
        expect((await network.heartbeat(lease!, undefined, key)).json.code).toBe('lease_lost');
    });
  });

  describe('cancel', () => {
    test('a waiting task is never handed out', async () => {
      const { json } = await network.create();
      expect((await network.cancel(json.task_id)).json).toEqual({ task_id: json.task_id, msg: 'canceled' });
      expect((await network.query(json.task_id)).status).toBe('canceled');
      expect((await network.claim()).task_id).toBeNull();
    });

    test('a running task: its miner hears of it, and its result is refused', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.cancel(json.task_id);
      expect((await network.heartbeat(task.lease_id)).json).toEqual({ cancel: true });
      expect((await network.submit(task.lease_id, { artifact_ids: [artifact_id] })).status).toBe(409);
      expect((await network.query(json.task_id)).status).toBe('canceled');
    });

    test('an ended task stays as it is, and the answer says so', async () => {
      const { json } = await network.create();
      await network.cancel(json.task_id);
      expect((await network.cancel(json.task_id)).json.msg).toContain('already ended (canceled)');
    });

    test('timeout_seconds ends a task wherever it is', async () => {
      const { json } = await network.create({ timeout_seconds: 0.2 });
      await expect
        .poll(() => network.query(json.task_id), { timeout: 4000 })
        .toMatchObject({
          status: 'failed',
          error: { code: 'task_timeout' },
        });
      expect((await network.claim()).task_id).toBeNull();
    });
  });

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

    test('a body that is no JSON, one that is too large, a call that is not there', async () => {
      const send = (path: string, body: string) => fetch(`${network.url}/${path}`, { method: 'POST', body });
      expect((await send('task_create', '{')).status).toBe(400);
      expect((await send('task_create', 'x'.repeat(1_100_000))).status).toBe(413);
      expect((await send('nowhere', '{}')).status).toBe(404);
      expect((await fetch(`${network.url}/healthz`)).status).toBe(200);
    });
  });

  test('the protocol describes itself, and every call that it names is there', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const document = (await (await fetch(`${network.url}/openapi.json`)).json()) as any;
    expect(document.openapi).toBe('3.1.0');
    const { properties, required } = document.paths['/task_create'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(properties)).toContain('timeout_seconds');
    expect(required).toEqual(['task_type', 'task_details']);
    expect(
      document.paths['/task_result_query'].post.responses[200].content['application/json'].schema.properties.status
        .enum,
    ).toContain('canceled');
    const calls = Object.keys(document.paths).filter((path) => document.paths[path].post);
    for (const path of calls) {
      const response = await fetch(`${network.url}${path}`, { method: 'POST', body: '{}' });
      expect([path, response.status]).not.toEqual([path, 404]);
    }
    expect(document.components.schemas['parameters-echo']).toMatchObject({
      title: 'Echo',
      properties: { text: { type: 'string' } },
      required: ['text'],
    });
    expect(await (await fetch(`${network.url}/docs`)).text()).toContain('POST /task_create');
  });

  describe('files', () => {
    test('an output must be what was announced', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      expect((await network.upload(task.lease_id, 'text', { bytes: 3 })).status).toBe(400);
      expect((await network.upload(task.lease_id, 'text', { bytes: 9 })).status).toBe(400);
      const { artifact_id, status } = await network.upload(task.lease_id, 'text', { sha256: '0'.repeat(64) });
      expect(status).toBe(400);
      for (const artifact_ids of [[artifact_id], [randomUUID()], ['x'], []])
        expect((await network.submit(task.lease_id, { artifact_ids })).status).toBe(400);
      expect((await network.query(json.task_id)).status).toBe('running');
    });

    test('what claims to be a picture is one', async () => {
      await network.create();
      const { lease_id } = await network.claim();
      const page = await network.upload(lease_id, '<script>alert(1)</script>', { content_type: 'image/png' });
      expect(page.status).toBe(400);
      expect((await network.upload(lease_id, '\x89PNG\r\n\x1a\n', { content_type: 'image/jpeg' })).status).toBe(400);
      expect((await network.upload(lease_id, 'GIF89a and so on', { content_type: 'image/gif' })).status).toBe(200);
    });

    test('addresses are for one file, one action and a while', async () => {
      await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      const { result } = await network.query(task.task_id);
      expect((await fetch(result)).headers.get('content-security-policy')).toContain('sandbox');
      const changed = (change: (url: URL) => void) => {
        const url = new URL(result);
        change(url);
        return fetch(url);
      };
      expect((await changed((url) => url.searchParams.set('expires', '9999999999'))).status).toBe(403);
      expect((await changed((url) => url.searchParams.delete('signature'))).status).toBe(403);
      expect(
        (
          await changed((url) => {
            url.pathname = `/artifacts/${randomUUID()}`;
          })
        ).status,
      ).toBe(403);
      expect((await fetch(result, { method: 'PUT', body: 'overwritten' })).status).toBe(403);
      expect(await (await fetch(result)).text()).toBe('result');
    });

    test("an uploaded input reaches the miner at the miner's own address of the server", async () => {
      const heurist = new Heurist({
        apiKey: network.consumer,
        workflowURL: network.url.replace('127.0.0.1', 'localhost'),
      });
      const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
      const image = await heurist.workflow.uploadFile(png);
      expect(new URL(image).hostname).toBe('localhost');
      await network.create({ task_details: { parameters: { text: 'x', image } } });
      const { task_details } = await network.claim();
      expect(new URL(task_details.parameters.image).origin).toBe(network.url);
      expect(Buffer.from(await (await fetch(task_details.parameters.image)).arrayBuffer())).toEqual(png);
    });

    test('a file of 200 MB and more is refused before it is sent', async () => {
      const body = { api_key: network.api_key, content_type: 'image/png', bytes: 200_000_001 };
      expect((await network.call('file_create', body)).status).toBe(413);
    });
  });

  describe('reference miners, where the operator lets them in', () => {
    const legacy = { erc20_address: '0xabc', workflow_ids: ['echo'] };

    test('claim and submit as in the reference', async () => {
      const { json } = await network.create();
      const task = (await network.call('miner_request', legacy)).json;
      expect(task).toMatchObject({ task_id: json.task_id, msg: '', task_type: 'echo', workflow_id: 'echo' });
      const report = {
        success: true,
        task_id: task.task_id,
        miner_id: '0xabc',
        result: 'key/of/file.png',
        inference_latency: 1,
        upload_latency: 1,
        msg: '',
      };
      expect((await network.call('miner_submit', { ...report, miner_id: '0xother' })).status).toBe(409);
      expect((await network.call('miner_submit', report)).status).toBe(200);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'finished', result: 'key/of/file.png' });
    });

    test('their failures reach the consumer', async () => {
      const { json } = await network.create();
      await network.call('miner_request', legacy);
      const report = { success: false, task_id: json.task_id, miner_id: '0xabc', result: '', msg: 'Upload failed' };
      await network.call('miner_submit', report);
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'failed',
        error: { message: 'Upload failed' },
      });
    });
  });

  describe('events', () => {
    test('our client sees queue, progress and end as they happen', async () => {
      const heurist = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
      const seen: string[] = [];
      const { json } = await network.create();
      const end = heurist.workflow.task(json.task_id).wait({
        onProgress: ({ status, progress }) => seen.push(`${status} ${progress?.percent ?? ''}`.trim()),
      });
      await expect.poll(() => seen).toEqual(['waiting']);
      const task = await network.claim();
      await network.heartbeat(task.lease_id, { percent: 30 });
      await expect.poll(() => seen.at(-1)).toBe('running 30');
      const { artifact_id } = await network.upload(task.lease_id);
      const submitted = Date.now();
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      expect((await end).status).toBe('finished');
      // far below the interval of 10 s: the event woke the look
      expect(Date.now() - submitted).toBeLessThan(2000);
    });

    test('who comes back with the id of the last event is told only what is new', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      const first = await readEvent(json.task_id);
      expect(first).toMatchObject({ id: expect.stringMatching(/^[\w-]{16}$/), data: { status: 'running' } });
      expect((await readEvent(json.task_id)).id).toBe(first.id);
      const next = readEvent(json.task_id, first.id);
      await sleep(300);
      await network.heartbeat(task.lease_id, { percent: 40 });
      expect(await next).toMatchObject({ data: { progress: { percent: 40 } } });
      expect((await next).id).not.toBe(first.id);
    });

    test('proxies are told not to hold events back', async () => {
      const { json } = await network.create();
      const response = await openEvents(json.task_id);
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      expect(response.headers.get('cache-control')).toContain('no-cache');
      await response.body?.cancel();
    });

    const openEvents = (task_id: string, last?: string) =>
      fetch(`${network.url}/task_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(last && { 'last-event-id': last }) },
        body: JSON.stringify({ task_id, api_key: network.api_key }),
      });

    /** The first event of a stream. */
    async function readEvent(task_id: string, last?: string) {
      const { body } = await openEvents(task_id, last);
      for await (const chunk of body ?? []) {
        const text = new TextDecoder().decode(chunk);
        const [, id = ''] = /^id: (.*)$/m.exec(text) ?? [];
        return { id, data: JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null') };
      }
      throw new Error('the stream ended');
    }
  });

  describe('network_status', () => {
    const status = async (key = network.consumer) => (await network.call('network_status', {}, key)).json;
    const of = async (workflow_id: string) =>
      (await status()).workflows.find((workflow: { workflow_id: string }) => workflow.workflow_id === workflow_id);

    test('who runs what, what is missing, and how long the queues are', async () => {
      const before = await of('echo');
      await network.create();
      await network.create();
      const task = await network.claim({ lacks: { other: ['model file big.safetensors'] } });
      const { miners } = await status();
      const lacks = { other: ['model file big.safetensors'] };
      const rig = miners.find((miner: { miner_id: string }) => miner.miner_id === 'rig');
      expect(rig).toMatchObject({ is_busy: true, workflow_ids: expect.arrayContaining(['echo']), lacks });
      expect(await of('echo')).toMatchObject({ miners: expect.any(Number), waiting: 1, running: 1 });
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      // what was said once is remembered
      await network.claim();
      expect((await status()).miners).toContainEqual(expect.objectContaining({ miner_id: 'rig', lacks }));
      expect(await of('echo')).toMatchObject({ finished: before.finished + 1, run_ms: expect.any(Number) });
    });

    test('failures are told to whom they belong, and to nobody else', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'out of luck' } });
      const [failure] = (await status()).recent_failures;
      expect(failure).toMatchObject({ task_id: json.task_id, workflow_id: 'echo', error: { message: 'out of luck' } });
      const stranger = await network.sequencer.createKey('consumer', 'stranger');
      expect((await status(stranger)).recent_failures).toEqual([]);
      expect((await network.call('network_status', {}, 'stranger#wrong')).status).toBe(401);
    });
  });

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
      const { keys } = (await as('key_list', {})).json;
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
      expect(third.json.message).toMatch(/may have 2/);
      // a resend of one that was taken is no new one
      expect((await submit({ job_id: 'first' })).json).toEqual(first.json);
      // others are not concerned
      expect((await network.create()).status).toBe(200);
      await network.cancelAll();
      expect((await submit()).status).toBe(200);
    });

    test('tasks a minute: told when to come again', async () => {
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

    test('our client waits as it is told, and gets through', async () => {
      const key = await network.sequencer.createKey('consumer', 'patient', { max_open_tasks: 1 });
      const heurist = new Heurist({ apiKey: key, workflowURL: network.url });
      class Echo extends WorkflowTask {
        task_type = 'echo';
        task_details = { parameters: { text: 'hi' } };
      }
      const first = await heurist.workflow.executeWorkflow(new Echo());
      const second = heurist.workflow.executeWorkflow(new Echo());
      await sleep(500);
      await heurist.workflow.cancelTask(first);
      await heurist.workflow.cancelTask(await second);
    });
  });

  describe('fairness', () => {
    test('a single task does not wait for hundreds of somebody else', async () => {
      for (let count = 0; count < 60; count++) await network.create();
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'modest')).split('#');
      const first = await network.claim();
      const { json: single } = await network.create({ consumer_id, api_key });
      const place = await network.call('task_result_query', { task_id: single.task_id, api_key });
      expect(place.json.queue_position).toBeLessThanOrEqual(1);
      const next = [(await network.claim()).task_id, (await network.claim()).task_id];
      expect(next).toContain(single.task_id);
      expect(next).not.toContain(first.task_id);
    });

    test('two who submit many are served by turns, each in its own order', async () => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'second')).split('#');
      const mine: string[] = [];
      for (let count = 0; count < 6; count++) mine.push((await network.create()).json.task_id);
      const theirs: string[] = [];
      for (let count = 0; count < 6; count++)
        theirs.push((await network.create({ consumer_id, api_key })).json.task_id);
      const order: string[] = [];
      for (let count = 0; count < 12; count++) order.push((await network.claim()).task_id);
      expect(order.filter((id) => mine.includes(id))).toEqual(mine);
      expect(order.filter((id) => theirs.includes(id))).toEqual(theirs);
      // never more than one ahead
      order.forEach((_, index) => {
        const served = order.slice(0, index + 1);
        const count = (ids: string[]) => served.filter((id) => ids.includes(id)).length;
        expect(Math.abs(count(mine) - count(theirs))).toBeLessThanOrEqual(1);
      });
    });

    test('priority orders the tasks of a consumer, and keeps nobody else waiting', async () => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'third')).split('#');
      const mine: Record<string, string> = {};
      for (const name of ['normal 1', 'normal 2', 'normal 3', 'low 1', 'high 1', 'high 2', 'normal 4'])
        mine[(await network.create({ priority: name.split(' ')[0] })).json.task_id] = name;
      const { json: theirs } = await network.create({ consumer_id, api_key });
      const order: string[] = [];
      for (let count = 0; count < 8; count++) {
        const { task_id } = await network.claim();
        order.push(task_id === theirs.task_id ? 'theirs' : mine[task_id]!);
      }
      expect(order.slice(0, 3).toSorted()).toEqual(['high 1', 'normal 1', 'theirs']);
      expect(order.indexOf('high 2')).toBeLessThan(order.indexOf('normal 3'));
      expect(order.filter((name) => name.startsWith('normal'))).toEqual([
        'normal 1',
        'normal 2',
        'normal 3',
        'normal 4',
      ]);
      expect(order.at(-1)).not.toBe('theirs');
      expect(order.indexOf('low 1')).toBeGreaterThan(order.indexOf('normal 3'));
      expect((await network.create({ priority: 'urgent' })).status).toBe(400);
    });

    test('a workflow that has run for long does not wait for one that is new', async () => {
      for (let count = 0; count < 8; count++) await network.create();
      for (let count = 0; count < 6; count++) await network.claim();
      for (let count = 0; count < 8; count++) await network.create({ workflow_id: 'other' });
      const both = { workflow_ids: ['echo', 'other'] };
      const next = [(await network.claim(both)).workflow_id, (await network.claim(both)).workflow_id];
      expect(next).toContain('echo');
    });
  });

  describe('what to expect', () => {
    test('a submit and its queries tell when the task will end, once others of its kind have', async () => {
      const first = await network.create();
      const task = await network.claim();
      expect(first.json.task_id).toBe(task.task_id);
      await sleep(1100);
      await network.heartbeat(task.lease_id, { percent: 50 });
      // half of it took a bit over a second
      expect((await network.query(task.task_id)).eta_seconds).toBe(1);
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      expect((await network.query(task.task_id)).eta_seconds).toBeUndefined();
    });
  });

  describe('webhooks', () => {
    const received: { event: WebhookEvent; id: string }[] = [];
    let answer: () => number = () => 200;
    let receiver: Server;
    let webhook_url: string;
    beforeAll(async () => {
      const secret = await new Heurist({ apiKey: network.consumer, workflowURL: network.url }).workflow.webhookSecret();
      receiver = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString();
        const status = answer();
        if (status === 200) {
          const event = await verifyWebhook({ headers: request.headers, body }, secret);
          received.push({ event, id: `${request.headers['webhook-id']}` });
        }
        response.writeHead(status).end();
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      webhook_url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    });
    afterAll(() => receiver.close());
    const told = (task_id: string) => received.find(({ id }) => id === task_id)?.event;

    test('the end of a task is told, signed, with working addresses', async () => {
      const { json } = await network.create({ webhook_url });
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id, 'made');
      expect(told(json.task_id)).toBeUndefined();
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      await expect
        .poll(() => told(json.task_id), { timeout: 5000 })
        .toMatchObject({
          type: 'task.finished',
          timestamp: expect.stringMatching(/Z$/),
          data: { task_id: json.task_id, status: 'finished', outputs: [{ filename: 'out.txt' }] },
        });
      expect(await (await fetch(told(json.task_id)!.data.result)).text()).toBe('made');
    });

    test('so is a failure, and a cancel', async () => {
      const { json } = await network.create({ webhook_url });
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'no' } });
      const { json: other } = await network.create({ webhook_url });
      await network.cancel(other.task_id);
      await expect.poll(() => told(json.task_id)?.type, { timeout: 5000 }).toBe('task.failed');
      await expect.poll(() => told(other.task_id)?.type, { timeout: 5000 }).toBe('task.canceled');
    });

    test('a receiver that fails gets it again, and once it has it, no more', async () => {
      let attempts = 0;
      answer = () => (attempts++ ? 200 : 503);
      const { json } = await network.create({ webhook_url });
      await network.cancel(json.task_id);
      await expect.poll(() => told(json.task_id)?.type, { timeout: 15_000 }).toBe('task.canceled');
      await sleep(1500);
      expect(received.filter(({ id }) => id === json.task_id)).toHaveLength(1);
    });

    test('one that wants no more is left alone, and listed for its owner only', async () => {
      answer = () => 410;
      const { json } = await network.create({ webhook_url });
      await network.cancel(json.task_id);
      const dead = async (key: string) => (await network.call('network_status', {}, key)).json.dead_webhooks;
      await expect
        .poll(() => dead(network.consumer), { timeout: 5000 })
        .toEqual([
          { task_id: json.task_id, url: webhook_url, attempts: 1, last_error: expect.stringContaining('410') },
        ]);
      expect(await dead(await network.sequencer.createKey('consumer', 'nosy'))).toEqual([]);
      answer = () => 200;
    });

    test.each(['ftp://x', 'nonsense', 'http://me:secret@example.com/', 'javascript:alert(1)'])(
      'an address that is none is refused: %s',
      async (address) => {
        const { status, json } = await network.create({ webhook_url: address });
        expect([status, json.message]).toEqual([400, expect.stringContaining('webhook_url')]);
      },
    );

    test('each consumer has a secret of its own', async () => {
      const other = await network.sequencer.createKey('consumer', 'elsewhere');
      const secret = async (key: string) => (await network.call('webhook_secret', {}, key)).json.secret;
      expect(await secret(network.consumer)).toMatch(/^whsec_[\w+/]{43}=$/);
      expect(await secret(other)).not.toBe(await secret(network.consumer));
      expect((await network.call('webhook_secret', {}, network.rig)).status).toBe(401);
    });
  });

  describe('metrics', () => {
    const scrape = async (key?: string) => {
      const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
      return await fetch(`${network.url}/metrics`, { headers });
    };

    test('are told to operators, in the form of Prometheus', async () => {
      const operator = await network.sequencer.createKey('operator', 'watcher');
      await network.create();
      await network.create();
      await network.claim();
      const response = await scrape(operator);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const text = await response.text();
      expect(text).toMatch(/^heurist_tasks_waiting\{workflow_id="echo"\} 1$/m);
      expect(text).toMatch(/^heurist_tasks_running\{workflow_id="echo"\} 1$/m);
      expect(text).toMatch(/^heurist_oldest_waiting_seconds\{workflow_id="echo"\} 0\.\d+$/m);
      expect(text).toMatch(/^heurist_miners\{state="busy"\} 1$/m);
      // each line is a comment, or a name, labels and a number
      const line = /^(# (HELP|TYPE) heurist_\w+ .+|heurist_\w+\{(\w+="[^"]*",?)+\} [\d.e+-]+)$/;
      expect(
        text
          .trimEnd()
          .split('\n')
          .filter((row) => !line.test(row)),
      ).toEqual([]);
    });

    test('how long tasks waited is told too, after a while', async () => {
      const operator = await network.sequencer.createKey('operator', 'watcher');
      await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      const pattern = /^heurist_queue_seconds\{workflow_id="echo",quantile="0.99"\} \d/m;
      await expect.poll(async () => await (await scrape(operator)).text(), { timeout: 15_000 }).toMatch(pattern);
    });

    test('the log has ids and codes, and neither keys nor what was asked for', async () => {
      const lines: string[] = [];
      const log = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
      const other = await startSequencer({ logger: { info: log, warn: log, error: log } });
      const details = { parameters: { text: 'a secret wish' } };
      const { json } = await other.create({ task_details: details });
      await other.create({ task_details: { parameters: { text: 5, wish: 'a secret wish' } } });
      await other.call('task_result_query', { task_id: json.task_id, api_key: `${other.api_key}x` });
      const { lease_id } = await other.claim();
      await other.heartbeat(lease_id, { percent: 10 });
      await other.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'a secret wish' } });
      await other.stop();
      expect(lines.filter((line) => line.includes(json.task_id)).length).toBeGreaterThanOrEqual(3);
      for (const secret of ['secret wish', other.api_key, other.rig.split('#')[1]!, lease_id])
        expect(lines.join('\n')).not.toContain(secret);
    });

    test('and to nobody else', async () => {
      for (const key of [undefined, network.consumer, network.rig, 'watcher#wrong'])
        expect((await scrape(key)).status).toBe(401);
    });
  });
}
