import { Heurist } from '@heurist/core';
import { describe, expect, test } from 'vitest';
import { network, sleep } from './shared.ts';

/** The event stream of a task. */
export function testEvents(): void {
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

    test('a client that reconnects with the id of its last event gets only what is new', async () => {
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
}
