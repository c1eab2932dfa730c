import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { clock, network, sleep } from './shared.ts';

interface Event {
  event: string | undefined;
  id: string | undefined;
  data: { task_id?: string; status?: string; code?: string; tasks?: number; progress?: { percent: number } };
}

/** Calls about many tasks: one submit, one query, one stream. */
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

  describe('tasks_create', () => {
    const good = (more: object = {}) => ({ task_type: 'echo', task_details: { parameters: { text: 'hi' } }, ...more });
    const submit = async (tasks: unknown[], key = network.consumer, more: object = {}) => {
      const reply = await network.call('tasks_create', { tasks, ...more }, key);
      for (const { task_id } of (reply.json.results ?? []) as Result[]) if (task_id) open.push({ task_id, key });
      return reply;
    };
    const open: { task_id: string; key: string }[] = [];
    afterEach(async () => {
      for (const { task_id, key } of open.splice(0)) await network.call('task_cancel', { task_id }, key);
    });
    const codes = (results: Result[]) => results.map(({ error }) => error?.code ?? 'ok');

    test('submits each as task_create would, in their order', async () => {
      const jobs = Array.from({ length: 30 }, () => randomUUID());
      const { status, json } = await submit(jobs.map((job_id) => good({ job_id })));
      expect(status).toBe(200);
      const results: Result[] = json.results;
      expect(results.map(({ job_id }) => job_id)).toEqual(jobs);
      const alone = await network.call('task_create', good(), network.consumer);
      open.push({ task_id: alone.json.task_id, key: network.consumer });
      expect(Object.keys(results[0]!).toSorted()).toEqual([...Object.keys(alone.json), 'job_id'].toSorted());
      const claimed: string[] = [];
      for (let count = 0; count < 5; count++) claimed.push((await network.claim()).task_id);
      expect(claimed).toEqual(results.slice(0, 5).map(({ task_id }) => task_id));
      expect((await network.query(results[29]!.task_id!)).queue_position).toBe(24);
    });

    test.each<[string, unknown]>([
      ['no fields', {}],
      ['null', null],
      ['a text', 'task'],
      ['a list', []],
      ['an unknown type', good({ task_type: 'teleport' })],
      ['an unknown workflow', good({ workflow_id: 'teleport' })],
      ['no JSON', good({ task_details: '{' })],
      ['wrong parameters', good({ task_details: { parameters: { text: 5 } } })],
      ['a long text', good({ task_details: { parameters: { text: 'x'.repeat(32_001) } } })],
      ['many parameters', good({ task_details: { parameters: { a: Array(10).fill('x'.repeat(30_000)) } } })],
      ['a webhook that is not http', good({ webhook_url: 'ftp://example.com' })],
      ['an unknown priority', good({ priority: 'urgent' })],
      ['U+0000', good({ job_id: 'a\0b' })],
      ['half a surrogate pair', good({ job_id: 'a\ud800' })],
      ['too many levels', good({ task_details: { parameters: nested(70) } })],
      ['several wrong fields', { task_type: 7, priority: 'urgent', timeout_seconds: -1 }],
    ])('%s is refused in the words of task_create, and the others are not', async (_, bad) => {
      const { status, json } = await submit([good(), bad, good()]);
      expect([status, codes(json.results)[0], codes(json.results)[2]]).toEqual([200, 'ok', 'ok']);
      const alone = await network.call('task_create', bad as object, network.consumer);
      expect(alone.status).toBeGreaterThanOrEqual(400);
      expect(json.results[1].error).toEqual({ ...alone.json, status: alone.status });
    });

    test('a job_id is one task: sent again, twice in one batch, or for something else', async () => {
      const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
      const tasks = [good({ job_id: a }), good({ job_id: b })];
      const first: Result[] = (await submit(tasks)).json.results;
      const again: Result[] = (await submit(tasks)).json.results;
      expect(again.map(({ task_id }) => task_id)).toEqual(first.map(({ task_id }) => task_id));
      // whichever way it comes
      const alone = await network.call('task_create', good({ job_id: b }), network.consumer);
      expect(alone.json.task_id).toBe(first[1]?.task_id);
      const other = { task_details: { parameters: { text: 'other' } } };
      const mixed: Result[] = (
        await submit([
          good({ job_id: a, ...other }),
          good({ job_id: c }),
          good({ job_id: c }),
          good({ job_id: c, ...other }),
        ])
      ).json.results;
      expect(codes(mixed)).toEqual(['job_id_conflict', 'ok', 'ok', 'job_id_conflict']);
      expect(mixed[0]?.error?.status).toBe(409);
      expect(mixed[1]?.task_id).toBe(mixed[2]?.task_id);
    });

    test('each counts for the quotas of its consumer: exactly as many as there is room for', async () => {
      for (const [owner, limits] of [
        ['batch.minute', { tasks_per_minute: 7 }],
        ['batch.open', { open_tasks: 7 }],
      ] as const) {
        const key = await network.sequencer.createKey('consumer', owner, { limits });
        const results: Result[] = (await submit(Array(20).fill(good()), key)).json.results;
        expect([owner, codes(results)]).toEqual([owner, [...Array(7).fill('ok'), ...Array(13).fill('rate_limited')]]);
        const { error } = results[19]!;
        const alone = await network.call('task_create', good(), key);
        expect([error?.status, error?.message.replace(/\d+ seconds/, '')]).toEqual([
          alone.status,
          alone.json.message.replace(/\d+ seconds/, ''),
        ]);
        expect(error?.retry_after).toBeGreaterThan(0);
      }
    });

    test('each counts as a call', async () => {
      const key = await network.sequencer.createKey('consumer', 'batch.calls', { limits: { calls_per_minute: 5 } });
      const first: Result[] = (await submit([good(), good()], key)).json.results;
      const second: Result[] = (await submit(Array(6).fill(good()), key)).json.results;
      expect([codes(first), codes(second)]).toEqual([
        ['ok', 'ok'],
        ['ok', 'ok', 'ok', 'rate_limited', 'rate_limited', 'rate_limited'],
      ]);
      expect((await submit([good()], key)).json.code).toBe('rate_limited');
      // so that they can be canceled, which is five calls
      clock.skip(60_000);
    });

    test('takes turns as single submits do: no consumer passes another by', async () => {
      const [greedy, modest] = [
        await network.sequencer.createKey('consumer', 'batch.greedy'),
        await network.sequencer.createKey('consumer', 'batch.modest'),
      ];
      const many: Result[] = (await submit(Array(10).fill(good()), greedy)).json.results;
      const few: Result[] = (await submit([good(), good()], modest)).json.results;
      const claimed: string[] = [];
      for (let count = 0; count < 4; count++) claimed.push((await network.claim()).task_id);
      expect(claimed.toSorted()).toEqual([many[0], many[1], few[0], few[1]].map((each) => each!.task_id!).toSorted());
    });

    test('a session submits what it may, and as many as it may', async () => {
      const asked = { task_types: ['echo'], workflow_ids: ['echo'], max_tasks: 3 };
      const { session_token } = (await network.call('session_create', asked, network.consumer)).json;
      const results: Result[] = (
        await submit(
          [good({ webhook_url: 'https://example.com' }), good({ priority: 'high' }), ...Array(5).fill(good())],
          session_token,
        )
      ).json.results;
      expect(codes(results)).toEqual(['forbidden', 'forbidden', 'ok', 'ok', 'ok', 'forbidden', 'forbidden']);
      expect(results[5]?.error?.message).toContain('all of its 3 tasks');
      // nobody else of the consumer's pages sees them
      const stranger = (await network.call('session_create', asked, network.consumer)).json.session_token;
      const { task_id } = results[2]!;
      expect((await network.call('task_result_query', { task_id }, stranger)).status).toBe(404);
    });

    test('is for one end user, as its other calls', async () => {
      const job_id = randomUUID();
      const task_of = async (user_id?: string) =>
        (await submit([good({ job_id, user_id: 'eve' })], network.consumer, { user_id })).json.results[0].task_id;
      const [ada, bob] = [await task_of('ada'), await task_of('bob')];
      expect(ada).not.toBe(bob);
      expect(await task_of('ada')).toBe(ada);
      const seenBy = async (user_id: string) =>
        (await network.call('task_result_query', { task_id: ada, user_id }, network.consumer)).status;
      expect([await seenBy('ada'), await seenBy('bob'), await seenBy('eve')]).toEqual([200, 404, 404]);
    });

    test('500 at most, unless the operator says otherwise; none is no submit', async () => {
      const { status, json } = await submit(Array(501).fill(good()));
      expect([status, json.code, json.message]).toEqual([
        400,
        'invalid_request',
        'Invalid request: `tasks` has 501 items, more than the limit of 500. Submit them in parts.',
      ]);
      const key = await network.sequencer.createKey('consumer', 'batch.narrow', { limits: { submitted_tasks: 2 } });
      expect([
        (await submit(Array(2).fill(good()), key)).status,
        (await submit(Array(3).fill(good()), key)).status,
      ]).toEqual([200, 400]);
      for (const tasks of [[], undefined, 'task', nested(100)])
        expect((await network.call('tasks_create', { tasks }, network.consumer)).json.code).toBe('invalid_request');
    });

    test('needs a key, and a body of the size of any other call', async () => {
      expect((await submit([good()], 'acme#wrong')).status).toBe(401);
      const large = Array(10).fill(good({ more: 'x'.repeat(110_000) }));
      const { status, json } = await submit(large);
      expect([status, json.code]).toEqual([413, 'payload_too_large']);
      // a stranger's is refused before it is read
      const wrong = { tasks: 5, more: 'x'.repeat(30_000) };
      expect((await network.call('tasks_create', wrong, 'acme#wrong')).status).toBe(401);
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

/** What a batched submit says of one task. */
interface Result {
  job_id?: string;
  task_id?: string;
  error?: { code: string; message: string; status: number; retry_after?: number };
}

const nested = (levels: number): object => (levels ? { a: nested(levels - 1) } : {});

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
