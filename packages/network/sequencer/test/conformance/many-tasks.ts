import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { network, sleep } from './shared.ts';

interface Event {
  event: string | undefined;
  id: string | undefined;
  data: { task_id?: string; status?: string; code?: string; tasks?: number; progress?: { percent: number } };
}

/** Calls about many tasks: one query, one stream. */
export function testManyTasks(): void {
  const query = (task_ids: string[], key = network.consumer, more: object = {}) =>
    network.call('tasks_query', { task_ids, ...more }, key);
  const create = async (more: object = {}) => (await network.create(more)).json.task_id as string;

  describe('tasks_query', () => {
    test('answers for each task what its own query does, in the order that was asked for', async () => {
      const [waiting, finished] = [await create(), await create({ priority: 'high' })];
      const { lease_id, task_id } = await network.claim();
      expect(task_id).toBe(finished);
      const { artifact_id } = await network.upload(lease_id);
      await network.submit(lease_id, { artifact_ids: [artifact_id] });
      const { status, json } = await query([waiting, finished, waiting]);
      expect(status).toBe(200);
      // URLs are signed anew each time
      const strip = (text: string) => JSON.parse(text.replaceAll(/(signature|expires)=[^"&]+/g, ''));
      const alone = [await network.query(waiting), await network.query(finished), await network.query(waiting)];
      expect(strip(JSON.stringify(json.results))).toEqual(strip(JSON.stringify(alone)));
      expect(json.results[1].outputs).toHaveLength(1);
    });

    test('unknown tasks, and those of others, do not fail the rest', async () => {
      const mine = await create();
      const other = await network.sequencer.createKey('consumer', 'globex');
      const ids = ['nobody', randomUUID(), mine];
      const no = (task_id: string) => ({ code: 'not_found', message: `There is no task ${task_id}.`, task_id });
      expect((await query(ids)).json.results).toEqual([
        no('nobody'),
        no(ids[1]!),
        expect.objectContaining({ task_id: mine, status: 'waiting' }),
      ]);
      expect((await query([mine], other)).json.results).toEqual([no(mine)]);
      expect((await query([mine], 'acme#wrong')).status).toBe(401);
    });

    test('an end user and a session see their own tasks alone', async () => {
      const session = (await network.call('session_create', { task_types: ['echo'] }, network.consumer)).json;
      const task = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
      const [ofAda, ofAll] = [await create({ user_id: 'ada' }), await create()];
      const ofPage = (await network.call('task_create', task, session.session_token)).json.task_id;
      const all = [ofAda, ofAll, ofPage];
      const seen = async (key: string, more: object = {}) =>
        (await query(all, key, more)).json.results.map(({ status }: { status?: string }) => status !== undefined);
      expect(await seen(network.consumer)).toEqual([true, true, true]);
      expect(await seen(network.consumer, { user_id: 'ada' })).toEqual([true, false, false]);
      expect(await seen(session.session_token)).toEqual([false, false, true]);
      expect(await follow(all, { key: session.session_token, until: 4 })).toMatchObject([
        { event: 'open', data: { tasks: 3 } },
        { event: 'gone', data: { task_id: ofAda, code: 'not_found' } },
        { event: 'gone', data: { task_id: ofAll } },
        { event: 'task', data: { task_id: ofPage, status: 'waiting' } },
      ]);
      await network.cancel(ofPage);
    });

    test('500 tasks at most, unless the operator says otherwise', async () => {
      const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
      expect((await query(ids(500))).json.results).toHaveLength(500);
      const { status, json } = await query(ids(501));
      expect([status, json.code]).toEqual([400, 'invalid_request']);
      expect(json.message).toBe(
        'Invalid request: `task_ids` has 501 items, more than the limit of 500. Ask for them in parts.',
      );
      const limits = { queried_tasks: 2, streamed_tasks: 1 };
      const key = await network.sequencer.createKey('consumer', 'narrow.batches', { limits });
      expect([(await query(ids(2), key)).status, (await query(ids(3), key)).status]).toEqual([200, 400]);
      const tasks = ids(2).map((task_id) => ({ task_id }));
      expect((await network.call('tasks_events', { tasks }, key)).json.message).toContain('`tasks` has 2 items');
    });

    test('each ten tasks count as a call', async () => {
      const key = await network.sequencer.createKey('consumer', 'batcher', { limits: { calls_per_minute: 6 } });
      const ids = Array.from({ length: 50 }, () => randomUUID());
      expect((await query(ids, key)).status).toBe(200);
      expect((await query(ids.slice(0, 10), key)).status).toBe(200);
      expect((await query(ids.slice(0, 1), key)).json.code).toBe('rate_limited');
    });

    test('what does not fit the answer is asked for again; the first task always fits', async () => {
      const limits = { queried_bytes: 1500 };
      const key = await network.sequencer.createKey('consumer', 'wordy', { limits });
      const [consumer_id, api_key] = key.split('#');
      const text = 'x'.repeat(1000);
      const submit = () => create({ consumer_id, api_key, task_details: { parameters: { text } } });
      const ids = [await submit(), await submit(), await submit()];
      const { results } = (await query(ids, key)).json;
      expect(results[0]).toMatchObject({ task_id: ids[0], parameters: { text } });
      expect(results.slice(1)).toEqual(
        ids.slice(1).map((task_id) => ({
          code: 'payload_too_large',
          message: 'The answer is full. Ask for this task again.',
          task_id,
        })),
      );
    });
  });

  describe('tasks_events', () => {
    test('one stream follows many tasks, and ends with the last', async () => {
      const [first, second] = [await create({ priority: 'high' }), await create()];
      const events = follow([first, second, 'nobody']);
      await sleep(200);
      const { lease_id } = await network.claim();
      await network.heartbeat(lease_id, { percent: 30 });
      await sleep(200);
      await network.cancel(first);
      await network.cancel(second);
      const seen = await events;
      expect(seen[0]).toMatchObject({ event: 'open', data: { tasks: 3 } });
      const of = (task_id: string) => seen.filter(({ data }) => data.task_id === task_id).map(({ data }) => data);
      expect(of('nobody')).toEqual([{ task_id: 'nobody', code: 'not_found', message: 'There is no task nobody.' }]);
      const steps = of(first).map(({ status, progress }) => progress?.percent ?? status);
      expect(steps.filter((step) => step !== 'running')).toEqual(['waiting', 30, 'canceled']);
      expect(of(second).at(-1)?.status).toBe('canceled');
      expect(seen.filter(({ id }) => id)).toHaveLength(of(first).length + of(second).length);
    });

    test('a stream that takes over from another begins with what is new', async () => {
      const [known, added] = [await create(), await create()];
      const [, event] = await follow([known], { until: 2 });
      const seen = await follow([known, added], { last: { [known]: event?.id ?? '' }, until: 2 });
      expect(seen).toMatchObject([{ event: 'open' }, { event: 'task', data: { task_id: added } }]);
    });

    test('each 50 tasks count as a stream', async () => {
      const key = await network.sequencer.createKey('consumer', 'streams.of.many', { limits: { streams: 2 } });
      const ids = (count: number) => Array.from({ length: count }, () => ({ task_id: randomUUID() }));
      const [consumer_id, api_key] = key.split('#');
      const task_id = await create({ consumer_id, api_key });
      const open = async (count: number) => {
        const gone = new AbortController();
        onTestFinished(() => gone.abort());
        const response = await fetch(`${network.url}/tasks_events`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify({ tasks: [{ task_id }, ...ids(count - 1)] }),
          signal: gone.signal,
        });
        return { status: response.status, end: () => gone.abort() };
      };
      const first = await open(51);
      expect([first.status, (await open(1)).status]).toEqual([200, 429]);
      first.end();
      await expect.poll(async () => (await open(50)).status, { timeout: 5000 }).toBe(200);
      expect([(await open(50)).status, (await open(1)).status]).toEqual([200, 429]);
    });
  });

  /** The events of a stream until it ends, or until there are so many. */
  async function follow(
    ids: string[],
    { last = {}, until = Infinity, key = network.consumer }: FollowOptions = {},
  ): Promise<Event[]> {
    const { body } = await fetch(`${network.url}/tasks_events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ tasks: ids.map((task_id) => ({ task_id, last_event_id: last[task_id] })) }),
    });
    let text = '';
    for await (const chunk of body ?? []) {
      text += new TextDecoder().decode(chunk, { stream: true });
      if (read(text).length >= until) break;
    }
    return read(text);
  }
}

interface FollowOptions {
  last?: Record<string, string>;
  until?: number;
  key?: string;
}

function read(text: string): Event[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((event) => /^data: /m.test(event))
    .map((event) => ({
      event: /^event: (.*)$/m.exec(event)?.[1],
      id: /^id: (.*)$/m.exec(event)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null'),
    }));
}
