import { FakeClock } from '@heurist/server-kit/fake-clock';
import { describe, expect, test } from 'vitest';
import { HeuristError } from '../../wire/errors.ts';
import type { CallOptions } from '../../wire/transport.ts';
import { newAbilities } from './abilities.ts';
import { createQueries } from './queries.ts';

const state = (task_id: string, status = 'running') => ({ task_id, status });
const all = (task_ids: readonly string[]): unknown => task_ids.map((task_id) => state(task_id));
const failure = (code: string, more: object = {}) => new HeuristError(code, { code, ...more });
const missing = failure('not_found', { status: 404 });
const page = failure('invalid_reply', { isRetryable: true });
const hangs = ({ signal }: CallOptions) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

type Many = (task_ids: readonly string[], options: CallOptions) => unknown;
type One = (task_id: string, options: CallOptions) => unknown;

/** Queries of a sequencer that answers as the test says. */
function start(many: Many = all, one: One = (task_id) => state(task_id)) {
  const clock = new FakeClock(0);
  const abilities = newAbilities();
  const batches: (readonly string[])[] = [];
  const singles: string[] = [];
  const signals: AbortSignal[] = [];
  const calls = {
    many: async (task_ids: readonly string[], options: CallOptions) => {
      batches.push(task_ids);
      if (options.signal) signals.push(options.signal);
      return { results: (await many(task_ids, options)) as unknown[] };
    },
    one: async (task_id: string, options: CallOptions) => {
      singles.push(task_id);
      return (await one(task_id, options)) as never;
    },
  };
  const query = createQueries(calls, abilities, clock);
  /** What became of queries that were made together. */
  const ask = async (...task_ids: string[]) => {
    const settled = Promise.allSettled(task_ids.map((task_id) => query(task_id, {})));
    await clock.advance(5000);
    return (await settled).map((end) =>
      end.status === 'fulfilled' ? `${end.value.task_id} ${end.value.status}` : (end.reason.code ?? end.reason),
    );
  };
  return { clock, abilities, batches, singles, signals, query, ask };
}

const throws = (error: Error) => () => {
  throw error;
};

describe('queries of the same moment', () => {
  test('are one call, and a task that is asked for twice is named once', async () => {
    const { ask, batches, singles } = start();
    expect(await ask('a', 'b', 'a')).toEqual(['a running', 'b running', 'a running']);
    expect([batches, singles]).toEqual([[['a', 'b']], []]);
  });

  test('are several calls of 250 tasks, one after the other', async () => {
    const { ask, batches } = start();
    const ids = Array.from({ length: 600 }, (_, index) => `t${index}`);
    expect(new Set(await ask(...ids)).size).toBe(600);
    expect(batches.map(({ length }) => length)).toEqual([250, 250, 100]);
  });

  test('in quick succession gather for 20 milliseconds', async () => {
    const { clock, query, batches } = start();
    for (let index = 0; index < 30; index++) {
      void query(`t${index}`, {});
      await clock.advance(2);
    }
    await clock.advance(20);
    expect(batches.map(({ length }) => length)).toEqual([1, 10, 10, 9]);
  });

  test('gather while a call is on its way, for a second at most', async () => {
    const { clock, query, batches } = start((ids, options) => (ids.includes('a') ? hangs(options) : all(ids)));
    const late: string[] = [];
    query('a', {}).catch(() => {});
    await clock.advance(10);
    for (const task_id of ['b', 'c']) {
      void query(task_id, {}).then((found) => late.push(found.task_id));
      await clock.advance(100);
    }
    expect(batches).toEqual([['a']]);
    await clock.advance(1000);
    expect([batches, late]).toEqual([
      [['a'], ['b', 'c']],
      ['b', 'c'],
    ]);
  });
});

describe('an abort', () => {
  test('settles at once and leaves the others alone', async () => {
    let answer = () => {};
    const { clock, query, signals } = start((ids) => {
      return new Promise((resolve) => {
        answer = () => resolve(all(ids));
      });
    });
    const stop = new AbortController();
    const [given, kept] = [query('a', { signal: stop.signal }), query('b', {})];
    await clock.advance(10);
    stop.abort('enough');
    await expect(given).rejects.toBe('enough');
    answer();
    expect(await kept).toEqual(state('b'));
    expect(signals).toHaveLength(1);
  });

  test('of all ends the call', async () => {
    const { clock, query, signals } = start((_, options) => hangs(options));
    const stop = new AbortController();
    const given = Promise.allSettled([query('a', { signal: stop.signal }), query('b', { signal: stop.signal })]);
    await clock.advance(10);
    expect(signals[0]?.aborted).toBe(false);
    stop.abort('enough');
    await given;
    expect(signals[0]?.aborted).toBe(true);
  });

  test('before anything is sent, or in the past, sends nothing', async () => {
    const { clock, query, batches } = start();
    const stop = new AbortController();
    const given = query('a', { signal: stop.signal });
    stop.abort('enough');
    await expect(given).rejects.toBe('enough');
    await expect(query('a', { signal: stop.signal })).rejects.toBe('enough');
    await clock.advance(100);
    expect(batches).toEqual([]);
  });
});

describe('the answer to a batch', () => {
  test.each<[string, (ids: readonly string[]) => unknown]>([
    ['in another order', (ids) => (all(ids) as object[]).toReversed()],
    ['with each result twice', (ids) => [...(all(ids) as object[]), ...(all(ids) as object[])]],
    ['with others among them', (ids) => [state('x'), ...(all(ids) as object[]), null, 7, '<html>', []]],
  ])('%s is the same', async (_, many) => {
    const { ask, singles } = start(many);
    expect(await ask('a', 'b')).toEqual(['a running', 'b running']);
    expect(singles).toEqual([]);
  });

  test.each<[string, (id: string) => unknown]>([
    ['is missing', () => []],
    ['has an unknown status', (id) => state(id, 'archived')],
    ['has outputs of null', (id) => ({ ...state(id), outputs: null })],
    ['does not fit any more', (id) => ({ task_id: id, code: 'payload_too_large', message: 'full' })],
    ['is of another task', (id) => state(`not-${id}`)],
  ])('a result that %s is asked for alone', async (_, result) => {
    const { ask, singles } = start((ids) => ids.map((id) => (id === 'a' ? result(id) : state(id))));
    expect(await ask('a', 'b')).toEqual(['a running', 'b running']);
    expect(singles).toEqual(['a']);
  });

  test('a task that is refused fails alone, as its own query would', async () => {
    const refusal = { task_id: 'a', code: 'not_found', message: 'There is no task a.' };
    const { query, clock, singles } = start((ids) => ids.map((id) => (id === 'a' ? refusal : state(id))));
    const settled = Promise.allSettled([query('a', {}), query('b', {})]);
    await clock.advance(10);
    const [refused, found] = await settled;
    expect(refused).toMatchObject({
      reason: { code: 'not_found', status: 404, isRetryable: false, task_id: 'a', message: 'There is no task a.' },
    });
    expect([found?.status, singles]).toEqual(['fulfilled', []]);
  });
});

describe('a batch that fails', () => {
  test('fails each query with an error of its own', async () => {
    const { ask, query, clock } = start();
    await ask('a');
    const failing = start(throws(failure('unavailable', { isRetryable: true, status: 503 })));
    const settled = Promise.allSettled([failing.query('a', {}), failing.query('b', {})]);
    await failing.clock.advance(10);
    const errors = (await settled).map((end) => (end as PromiseRejectedResult).reason as HeuristError);
    expect(errors.map(({ task_id, code, isRetryable }) => [task_id, code, isRetryable])).toEqual([
      ['a', 'unavailable', true],
      ['b', 'unavailable', true],
    ]);
    expect(errors[0]).not.toBe(errors[1]);
    void query('a', {});
    await clock.advance(10);
  });

  test('with 404: the sequencer is asked about each task alone, for good', async () => {
    const { ask, batches, singles, abilities } = start(throws(missing));
    expect(await ask('a', 'b')).toEqual(['a running', 'b running']);
    expect(await ask('c')).toEqual(['c running']);
    expect([batches.length, singles, abilities.queries]).toEqual([1, ['a', 'b', 'c'], 'one']);
  });

  test('with something else than a sequencer says: the query of one task answers, and twice means for good', async () => {
    const { ask, batches, abilities } = start(throws(page));
    expect(await ask('a', 'b')).toEqual(['a running', 'b running']);
    expect(abilities.queries).toBe('unknown');
    await ask('a');
    expect(abilities.queries).toBe('one');
    await ask('a');
    expect(batches).toHaveLength(2);
  });

  test('while the network is down says nothing about what the sequencer knows', async () => {
    const down = failure('connection_failed', { isRetryable: true });
    const { ask, singles, abilities } = start(throws(down), throws(down));
    for (let times = 0; times < 5; times++)
      expect(await ask('a', 'b', 'c')).toEqual(Array(3).fill('connection_failed'));
    // one of three asks alone
    expect([singles.length, abilities.queries]).toEqual([5, 'unknown']);
  });

  test('once it has worked is tried again, and alone from the second time on', async () => {
    const answers = [all, throws(page), throws(page), all];
    const { ask, singles, abilities } = start((ids) => (answers.shift() ?? all)(ids));
    expect(await ask('a')).toEqual(['a running']);
    expect(await ask('a')).toEqual(['invalid_reply']);
    expect(singles).toEqual([]);
    expect(await ask('a')).toEqual(['a running']);
    expect([singles, abilities.queries]).toEqual([['a'], 'many']);
    expect(await ask('a')).toEqual(['a running']);
    expect(singles).toEqual(['a']);
  });

  test('for a wrong key asks no task alone but one', async () => {
    const { ask, singles } = start(throws(failure('unauthorized')), throws(failure('unauthorized')));
    expect(await ask('a', 'b', 'c')).toEqual(Array(3).fill('unauthorized'));
    expect(singles).toEqual(['a']);
  });

  test('for its size is made smaller, and stays so', async () => {
    const { ask, batches } = start((ids) => {
      if (ids.length > 2) throw failure('invalid_request', { status: 400 });
      return all(ids);
    });
    expect(await ask('a', 'b', 'c', 'd', 'e')).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `${id} running`));
    expect(batches.map(({ length }) => length)).toEqual([5, 2, 2, 1]);
    await ask('a', 'b', 'c');
    expect(batches.slice(4).map(({ length }) => length)).toEqual([2, 1]);
  });

  test.each([429, 503])('with %i keeps the others waiting until its time has come', async (status) => {
    const retried = Promise.withResolvers<unknown>();
    const { clock, query, batches } = start((ids, { watch }) => {
      if (!ids.includes('a')) return all(ids);
      watch?.(failure('rate_limited', { status, isRetryable: true }));
      return retried.promise;
    });
    void query('a', {});
    await clock.advance(10);
    const later = query('b', {});
    await clock.advance(30_000);
    expect(batches).toEqual([['a']]);
    retried.resolve([state('a')]);
    await clock.advance(10);
    expect(await later).toEqual(state('b'));
  });
});
