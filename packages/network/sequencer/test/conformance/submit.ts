import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { network, sleep } from './shared.ts';

/** Submits, and one task per submit. */
export function testSubmit(): void {
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
        heartbeat_seconds: 2,
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

    test('what a workflow said comes with the result; what is no text says nothing', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      const declared: [string, object][] = [
        ['one', { text: 'o\u200bn\u001be' }],
        ['two and more', { text: 'two', truncated: true }],
        ['old miners say nothing', {}],
        ['<p>', { text: 'not shown', content_type: 'text/html' }],
      ];
      const artifact_ids: string[] = [];
      for (const [content, more] of declared)
        artifact_ids.push((await network.upload(lease_id, content, more)).artifact_id);
      expect((await network.submit(lease_id, { artifact_ids })).status).toBe(200);
      const result = await network.query(json.task_id);
      expect(result).toMatchObject({
        text: 'one\ntwo',
        outputs: [{ text: 'one' }, { text: 'two', truncated: true }, { kind: 'text' }, { kind: 'file' }],
      });
      expect(result.outputs.slice(2).some((output: object) => 'text' in output)).toBe(false);
      const long = { ...declared[0]![1], text: 'x'.repeat(10_001) };
      const refused = { lease_id, filename: 'a', kind: 'text', content_type: 'text/plain', bytes: 1, ...long };
      expect((await network.call('miner_upload', refused, network.rig)).json.message).toMatch(/text.*10000 characters/);
    });

    test.each([true, undefined])('that a workflow made more outputs than a task can have: %s', async (truncated) => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      const { artifact_id } = await network.upload(lease_id, 'the first');
      expect((await network.submit(lease_id, { artifact_ids: [artifact_id], truncated })).status).toBe(200);
      const result = await network.query(json.task_id);
      expect([result.status, result.outputs.length, result.truncated]).toEqual(['finished', 1, truncated]);
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
}
