import { FakeClock } from '@heurist/server-kit/fake-clock';
import { describe, expect, test } from 'vitest';
import { HeuristError } from '../../wire/errors.ts';
import type { CallOptions } from '../../wire/transport.ts';
import { createLane } from './lane.ts';
import { createSubmits } from './submits.ts';

interface Body {
  tasks: { job_id: string; text?: string }[];
  consumer_id?: string;
  api_key?: string;
}
type Many = (body: Body, options: CallOptions) => unknown;
type One = (job_id: string, options: CallOptions) => unknown;

const KEY = { consumer_id: 'acme', api_key: 'secret' };
const task = (job_id: string) => ({ task_id: `task-${job_id}` });
const all: Many = ({ tasks }) => tasks.map(({ job_id }) => ({ job_id, ...task(job_id) }));
const refused = (code: string, more: object = {}) => ({ code, message: `says ${code}`, ...more });
const failure = (code: string, more: object = {}) => new HeuristError(code, { code, ...more });
const throws = (error: Error) => () => {
  throw error;
};
const hangs = ({ signal }: CallOptions) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

/** Submits to a sequencer that answers as the test says, each after `ms`. */
function start(many: Many = all, one: One = task, { isOurs = true, ms = 10 } = {}) {
  const clock = new FakeClock(0);
  const batches: string[][] = [];
  const bodies: Body[] = [];
  const singles: string[] = [];
  const at: number[] = [];
  const signals: AbortSignal[] = [];
  const timeouts: unknown[] = [];
  const calls = {
    async one(body: object, options: CallOptions) {
      const { job_id } = body as { job_id: string };
      singles.push(job_id);
      at.push(clock.now());
      options.watch?.();
      await clock.sleep(ms);
      return (await one(job_id, options)) as { task_id: string };
    },
    async many(body: object, options: CallOptions) {
      bodies.push(body as Body);
      batches.push((body as Body).tasks.map(({ job_id }) => job_id));
      at.push(clock.now());
      timeouts.push(options.timeout);
      if (options.signal) signals.push(options.signal);
      await clock.sleep(ms);
      return { results: (await many(body as Body, options)) as unknown[] };
    },
    isOurs: () => isOurs,
  };
  const lane = createLane({ most: 2, longMs: 3000, mostFar: 8, clock });
  const submit = createSubmits(calls, lane, clock);
  const one_ = (job_id: string, options: CallOptions = {}, more: object = {}) =>
    submit({ ...KEY, job_id, ...more }, options);
  /** What became of submits that were made together. */
  const send = async (...job_ids: string[]) => {
    const settled = Promise.allSettled(job_ids.map((job_id) => one_(job_id)));
    await clock.advance(200_000);
    return (await settled).map((end) => (end.status === 'fulfilled' ? end.value.task_id : end.reason.code));
  };
  return { clock, batches, bodies, singles, at, signals, timeouts, submit: one_, send };
}

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `${index + from}`);
const tasksOf = (job_ids: string[]) => job_ids.map((job_id) => `task-${job_id}`);

describe('submits of the same moment', () => {
  test('go alone while there is room; those that would wait go together, a hundred at most, with the key said once', async () => {
    const { send, singles, batches, bodies } = start();
    expect(await send(...ids(152))).toEqual(tasksOf(ids(152)));
    expect(singles).toEqual(ids(2));
    expect(batches).toEqual([ids(100, 2), ids(50, 102)]);
    expect(bodies[0]).toMatchObject(KEY);
    expect(bodies[0]?.tasks[0]).toEqual({ job_id: '2' });
  });

  test('up to three are what they have always been', async () => {
    const { send, singles, batches } = start();
    await send('a', 'b', 'c');
    expect([singles, batches]).toEqual([['a', 'b', 'c'], []]);
  });

  test('one after the other go alone, however many', async () => {
    const { clock, submit, singles, batches } = start();
    for (const job_id of ids(20)) {
      const made = submit(job_id);
      await clock.advance(20);
      await made;
    }
    expect([singles.length, batches]).toEqual([20, []]);
  });

  test('with keys of their own go with each key', async () => {
    const { clock, submit, bodies } = start();
    const other = { consumer_id: 'globex', api_key: 'other' };
    const made = ids(10).map((job_id, index) => submit(job_id, {}, index % 2 ? other : {}));
    await clock.advance(1000);
    await Promise.all(made);
    expect(bodies.map(({ api_key, tasks }) => [api_key, tasks.map(({ job_id }) => job_id)])).toEqual([
      ['secret', ['2', '4', '6', '8']],
      ['other', ['3', '5', '7', '9']],
    ]);
  });

  test('that are large go in several calls', async () => {
    const { clock, submit, batches } = start();
    const text = 'x'.repeat(100_000);
    const made = ids(8).map((job_id) => submit(job_id, {}, { text }));
    await clock.advance(1000);
    await Promise.all(made);
    expect(batches).toEqual([
      ['2', '3'],
      ['4', '5'],
      ['6', '7'],
    ]);
  });

  test('with one job_id go in their order', async () => {
    const { clock, submit, bodies } = start();
    const made = ['a', 'b', 'c', 'c', 'd'].map((job_id, index) => submit(job_id, {}, { text: `${index}` }));
    await clock.advance(1000);
    await Promise.all(made);
    expect(bodies[0]?.tasks).toEqual([
      { job_id: 'c', text: '2' },
      { job_id: 'd', text: '4' },
    ]);
  });

  test('with one job_id are never in one call, which would answer them once', async () => {
    const { send, batches, singles } = start();
    expect(await send('a', 'b', 'c', 'd', 'c', 'd', 'e')).toEqual(tasksOf(['a', 'b', 'c', 'd', 'c', 'd', 'e']));
    expect([...batches, singles]).toEqual([
      ['c', 'd', 'e'],
      ['c', 'd'],
      ['a', 'b'],
    ]);
  });
});

describe('a sequencer', () => {
  test('that has not said that it is ours is asked for each task alone', async () => {
    const { send, batches, singles } = start(all, task, { isOurs: false });
    expect(await send(...ids(10))).toEqual(tasksOf(ids(10)));
    expect([batches, singles]).toEqual([[], ids(10)]);
  });

  test('without the call is asked for it once', async () => {
    const { send, batches, singles } = start(throws(failure('not_found', { status: 404 })));
    expect(await send(...ids(10))).toEqual(tasksOf(ids(10)));
    expect(await send(...ids(10, 10))).toEqual(tasksOf(ids(10, 10)));
    expect([batches.length, singles.length]).toEqual([1, 20]);
  });

  test('that takes less gets less', async () => {
    const { send, batches } = start((body, options) =>
      body.tasks.length > 30 ? throws(failure('payload_too_large', { status: 413 }))() : all(body, options),
    );
    expect(await send(...ids(102))).toEqual(tasksOf(ids(102)));
    await send(...ids(102, 200));
    await send(...ids(102, 400));
    expect(batches.map(({ length }) => length)).toEqual([100, 50, 50, 25, 25, 25, 25]);
  });

  test.each([
    ['cut off', failure('connection_failed', { isRetryable: true })],
    ['too late', failure('request_timeout', { isRetryable: true })],
    ['500', failure('internal', { status: 500, isRetryable: true })],
    ['a page', failure('invalid_reply', { isRetryable: true })],
    ['a wrong key', failure('unauthorized', { status: 401 })],
  ])('whose answer to a batch is %s gets each task alone', async (_, error) => {
    const { send, batches, singles } = start(throws(error));
    expect(await send(...ids(6))).toEqual(tasksOf(ids(6)));
    expect([batches, singles]).toEqual([[ids(4, 2)], ids(6)]);
    await send(...ids(6, 6));
    await send(...ids(6, 12));
    // never seen to work: it counts as missing
    expect(batches).toHaveLength(2);
  });

  test('that is busy is asked for many again', async () => {
    const { send, batches } = start(throws(failure('unavailable', { status: 503, isRetryable: true })));
    for (const from of [0, 10, 20]) await send(...ids(6, from));
    expect(batches).toHaveLength(3);
  });

  test('that has answered many before is asked for many again, whatever comes', async () => {
    let isBroken = false;
    const { send, batches } = start((...call) => (isBroken ? throws(failure('invalid_reply'))() : all(...call)));
    await send(...ids(6));
    isBroken = true;
    for (const from of [10, 20, 30]) await send(...ids(6, from));
    expect(batches).toHaveLength(4);
  });

  test('that hangs over the first batch is left after five seconds, and later ones after fifteen', async () => {
    const { send, timeouts } = start();
    await send(...ids(6));
    await send(...ids(6, 6));
    expect(timeouts).toEqual([5000, 15_000]);
  });
});

describe('an answer to many', () => {
  test.each<[string, (results: unknown[]) => unknown[]]>([
    ['in another order', (results) => results.toReversed()],
    ['without the first one', (results) => results.slice(1)],
    ['that is empty', () => []],
    ['with each one twice', (results) => [...results, ...results]],
    ['that is garbage', () => ['<html>', null, 7, []]],
    ['without task ids', (results) => results.map((result) => ({ ...(result as object), task_id: null }))],
    ['with errors that say nothing', (results) => results.map(() => ({ job_id: '2', error: {} }))],
    ['of other jobs', (results) => results.map((result) => ({ ...(result as object), job_id: 'another' }))],
  ])('%s still gives each submit its own task, once', async (_, change) => {
    const { send, singles } = start((...call) => change(all(...call) as unknown[]));
    expect(await send(...ids(6))).toEqual(tasksOf(ids(6)));
    expect(new Set(singles).size).toBe(singles.length);
  });

  test('refuses one and not the others, as it would be refused alone', async () => {
    const { clock, submit } = start(({ tasks }) =>
      tasks.map(({ job_id }) =>
        job_id === '3'
          ? { job_id, error: refused('invalid_parameters', { status: 400 }) }
          : { job_id, ...task(job_id) },
      ),
    );
    const made = Promise.allSettled(ids(6).map((job_id) => submit(job_id)));
    await clock.advance(1000);
    const ends = await made;
    expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([true, true, true, false, true, true]);
    expect((ends[3] as PromiseRejectedResult).reason).toMatchObject({
      code: 'invalid_parameters',
      message: 'says invalid_parameters',
      status: 400,
      isRetryable: false,
    });
  });

  test('that says to come later is heeded, in step with the others', async () => {
    const { send, batches, at } = start((body, options) =>
      batches.length > 1
        ? all(body, options)
        : body.tasks.map(({ job_id }) => ({ job_id, error: refused('rate_limited', { status: 429, retry_after: 7 }) })),
    );
    expect(await send(...ids(8))).toEqual(tasksOf(ids(8)));
    expect(at.slice(-3).map((ms) => Math.floor(ms / 1000))).toEqual([7, 7, 7]);
    expect(batches).toEqual([ids(6, 2), ids(4, 4)]);
  });

  test('that says so counts as an attempt, after a pause if no time is named', async () => {
    const retries: unknown[] = [];
    const { clock, submit, at } = start(
      ({ tasks }) => tasks.map(({ job_id }) => ({ job_id, error: refused('unavailable', { status: 503 }) })),
      (job_id, options) => {
        retries.push(options.retries);
        return task(job_id);
      },
    );
    const seen: unknown[] = [];
    const watch = (failure?: HeuristError) => seen.push(failure?.code);
    const made = ids(4).map((job_id) =>
      submit(job_id, job_id === '3' ? { retries: 0 } : { retries: 7, ...(job_id === '2' && { watch }) }).catch(
        ({ code }) => code,
      ),
    );
    await clock.advance(1000);
    expect(await Promise.all(made)).toEqual([task('0'), task('1'), task('2'), 'unavailable']);
    expect(retries).toEqual([7, 7, 6]);
    expect(seen).toEqual([undefined, 'unavailable', undefined]);
    expect(at[3]! - at[2]! - 10).toBeGreaterThanOrEqual(150);
    expect(at[3]! - at[2]! - 10).toBeLessThanOrEqual(300);
  });
});

describe('each submit keeps its own budget', () => {
  test('an abort in the queue: nothing is sent of it', async () => {
    const { clock, submit, batches, singles } = start();
    const stop = new AbortController();
    const attempts: unknown[] = [];
    const made = Promise.allSettled(
      ids(6).map((job_id) =>
        submit(job_id, job_id === '4' ? { signal: stop.signal, watch: (failure) => attempts.push(failure) } : {}),
      ),
    );
    stop.abort('enough');
    await clock.advance(1000);
    expect((await made)[4]).toEqual({ status: 'rejected', reason: 'enough' });
    expect([attempts, batches, singles]).toEqual([[], [['2', '3', '5']], ['0', '1']]);
  });

  test('an abort in flight settles at once, and the others go on; the last one ends the call', async () => {
    const { clock, submit, signals } = start((_, options) => hangs(options));
    const stops = ids(4).map(() => new AbortController());
    const made = stops.map(({ signal }, index) => submit(`${index}`, { signal }).catch((reason) => reason));
    await clock.advance(100);
    stops[2]!.abort('enough');
    expect(await made[2]).toBe('enough');
    expect(signals[0]?.aborted).toBe(false);
    stops[3]!.abort('me too');
    expect(await made[3]).toBe('me too');
    expect(signals[0]?.aborted).toBe(true);
  });

  test('is told of each attempt and what became of it, with an error of its own', async () => {
    const error = failure('connection_failed', { isRetryable: true });
    const { clock, submit } = start(throws(error));
    const seen: (HeuristError | undefined)[][] = [[], [], [], []];
    const made = seen.map((each, index) => submit(`${index}`, { watch: (failure) => each.push(failure) }));
    await clock.advance(1000);
    await Promise.all(made);
    expect(seen.map((each) => each.map((failure) => failure?.code))).toEqual([
      [undefined],
      [undefined],
      [undefined, 'connection_failed', undefined],
      [undefined, 'connection_failed', undefined],
    ]);
    expect(seen[2]?.[1]).not.toBe(seen[3]?.[1]);
    // whether it arrived is judged by what is underneath
    expect(seen[2]?.[1]?.cause).toBe(error);
  });

  test('one that allows less time for an attempt shortens the call', async () => {
    const { clock, submit, timeouts } = start();
    const made = ids(4).map((job_id) => submit(job_id, { timeout: job_id === '3' ? 700 : undefined }));
    await clock.advance(1000);
    await Promise.all(made);
    expect(timeouts).toEqual([700]);
  });
});

test('submits that were all given up take no turn from others', async () => {
  const { clock, submit, singles } = start();
  const stop = new AbortController();
  const given = Promise.allSettled(
    ids(5).map((job_id) => submit(job_id, Number(job_id) > 1 ? { signal: stop.signal } : {})),
  );
  stop.abort('enough');
  const next = submit('next');
  await clock.advance(1000);
  await Promise.all([given, next]);
  expect(singles).toEqual(['0', '1', 'next']);
});

test('and do not make a far sequencer seem near', async () => {
  const { clock, submit, singles, batches } = start(all, task, { ms: 100 });
  for (const job_id of ids(20)) {
    const made = submit(job_id);
    await clock.advance(110);
    await made;
  }
  // 100 ms: four at a time
  const stop = new AbortController();
  const made = ids(4, 20).map((job_id) => submit(job_id));
  const given = submit('given', { signal: stop.signal }).catch((reason) => reason);
  stop.abort('enough');
  await clock.advance(1000);
  await Promise.all([...made, given]);
  const more = ids(4, 30).map((job_id) => submit(job_id));
  await clock.advance(1000);
  await Promise.all(more);
  expect([singles.slice(20), batches]).toEqual([[...ids(4, 20), ...ids(4, 30)], []]);
});
