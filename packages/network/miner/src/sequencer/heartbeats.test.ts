import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { Heartbeats, UNKNOWN_MS } from './heartbeats.ts';
import { REPORT_MS } from './lease-keeper.ts';
import type { Heartbeat, HeartbeatAnswer } from './sequencer-client.ts';

type Answer = HeartbeatAnswer | { error: unknown };

/** A sequencer that holds answers, as ours does. */
class HoldingSequencer {
  /** `many` is the call for many, `one` that for one: when each came, for which leases, and for how long it may be held. */
  readonly calls: {
    at: number;
    kind: 'many' | 'one';
    leases: string;
    waits: number;
    percents: (number | undefined)[];
  }[] = [];
  isKnown = true;
  /** It does not hold, as when no news come. */
  holds = true;
  fails = false;
  /** What is held is never answered, as when a proxy forgets it. */
  forgets = false;
  seconds = 2;
  canceled = new Set<string>();
  lost = new Set<string>();
  readonly #news = new Set<() => void>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** A task is canceled, and whoever waits hears of it. */
  cancel(lease: string): void {
    this.canceled.add(lease);
    for (const tell of this.#news) tell();
  }

  heartbeats = async (
    beats: readonly Heartbeat[],
    waits: number,
    signal?: AbortSignal,
  ): Promise<Answer[] | undefined> => {
    if (!this.isKnown) return undefined;
    this.#note('many', beats, waits);
    if (this.fails) throw new HeuristError('away', { code: 'connection_failed', isRetryable: true });
    const hasNews = () => beats.some(({ lease_id }) => this.canceled.has(lease_id) || this.lost.has(lease_id));
    if (waits && this.forgets) return await new Promise(() => {});
    if (waits && this.holds && !hasNews()) await this.#hold(waits * 1000, signal);
    signal?.throwIfAborted();
    return beats.map(({ lease_id }) => this.#answer(lease_id));
  };

  heartbeat = async (lease_id: string, progress?: { percent: number }): Promise<HeartbeatAnswer> => {
    this.#note('one', [{ lease_id, ...(progress && { progress }) }], 0);
    if (this.fails) throw new HeuristError('away', { code: 'connection_failed', isRetryable: true });
    return { cancel: this.canceled.has(lease_id) };
  };

  async #hold(ms: number, signal?: AbortSignal): Promise<void> {
    const news = new AbortController();
    const tell = () => news.abort();
    this.#news.add(tell);
    signal?.addEventListener('abort', tell);
    await this.#clock.sleep(ms, news.signal);
    this.#news.delete(tell);
  }

  #note(kind: 'many' | 'one', beats: readonly Heartbeat[], waits: number): void {
    const leases = beats.map(({ lease_id }) => lease_id).join(' ');
    const percents = beats.map(({ progress }) => progress?.percent);
    this.calls.push({ at: this.#clock.now(), kind, leases, waits, percents });
  }

  #answer(lease_id: string): Answer {
    if (this.canceled.has(lease_id)) return { cancel: true };
    if (this.lost.has(lease_id)) return { error: new HeuristError('gone', { code: 'lease_lost' }) };
    return { cancel: false, heartbeat_seconds: this.seconds };
  }
}

let clock: FakeClock;
let sequencer: HoldingSequencer;
let heartbeats: Heartbeats;
beforeEach(() => {
  clock = new FakeClock(0);
  sequencer = new HoldingSequencer(clock);
  heartbeats = new Heartbeats(sequencer, clock);
});

const keep = (lease_id: string) => heartbeats.keep({ lease_id, heartbeat_seconds: 2 });
/** Each call as `time kind leases`. */
const seen = () => sequencer.calls.splice(0).map(({ at, kind, leases }) => `${at} ${kind} ${leases}`);

describe('a sequencer that knows the call for many', () => {
  test('gets one call for all leases, held until the next is due, and fewer as the run goes on', async () => {
    keep('a');
    keep('b');
    await clock.advance(2000);
    expect(sequencer.calls.at(-1)?.waits).toBe(2);
    await clock.advance(2500);
    expect(seen()).toEqual(['2000 many a b', '4000 many a b']);
    sequencer.seconds = 10;
    await clock.advance(25_500);
    expect(sequencer.calls.at(-1)?.waits).toBe(10);
    expect(seen()).toEqual(['6000 many a b', '16000 many a b', '26000 many a b']);
  });

  test('tells at once that a task was canceled; the others go on', async () => {
    sequencer.seconds = 10;
    const [a, b] = [keep('a'), keep('b')];
    await clock.advance(9000);
    sequencer.cancel('b');
    await clock.advance(0);
    expect(b.signal.reason).toMatchObject({ isCanceled: true });
    expect(a.signal.aborted).toBe(false);
    expect(seen().at(-1)).toBe('9000 many a');
  });

  test('a lease that is lost ends its task alone', async () => {
    const [a, b] = [keep('a'), keep('b')];
    sequencer.lost.add('a');
    await clock.advance(2000);
    expect(a.signal.reason).toMatchObject({ isCanceled: false });
    expect(b.signal.aborted).toBe(false);
  });

  test('progress goes up beside the call that is held, together for all of a moment', async () => {
    sequencer.seconds = 10;
    const [a, b] = [keep('a'), keep('b')];
    await clock.advance(3000);
    seen();
    a.report({ percent: 10 });
    b.report({ percent: 20 });
    await clock.advance(REPORT_MS);
    await expect.poll(() => sequencer.calls.length).toBe(2);
    // the first of a moment does not wait for others; what comes while it is on its way goes together
    expect(sequencer.calls.flatMap(({ percents }) => percents)).toEqual([10, 20]);
    expect(sequencer.calls.every(({ kind, waits }) => kind === 'many' && waits === 0)).toBe(true);
  });

  test('a task that begins while a call is held is renewed alone until that ends', async () => {
    sequencer.seconds = 10;
    keep('a');
    await clock.advance(5000);
    seen();
    sequencer.seconds = 2;
    keep('b');
    await clock.advance(10_000);
    expect(seen()).toEqual(['7000 many b', '9000 many b', '11000 many b', '13000 many b', '14000 many a b']);
  });

  test('a call that fails is made again soon, and nobody counts as lost', async () => {
    sequencer.seconds = 10;
    const a = keep('a');
    await clock.advance(3000);
    sequencer.fails = true;
    await clock.advance(6000);
    expect([a.isAway(), a.signal.aborted]).toEqual([true, false]);
    // every two seconds, as at the beginning: the rest of the lease is long
    expect(seen()).toEqual(['2000 many a', '4000 many a', '6000 many a', '8000 many a']);
    sequencer.fails = false;
    await clock.advance(5000);
    expect([a.isAway(), seen()[0]]).toEqual([false, '10000 many a']);
  });

  test('a call that nobody answers: its leases are renewed beside it before they are over', async () => {
    keep('a');
    await clock.advance(3000);
    expect(seen()).toEqual(['2000 many a']);
    sequencer.forgets = true;
    await clock.advance(5000);
    // the lease is good for six seconds from 2000 on
    expect(seen()).toEqual(['4000 many a', '7000 many a']);
  });

  test('one that holds nothing is not asked without end', async () => {
    sequencer.holds = false;
    keep('a');
    await clock.advance(9000);
    expect(seen()).toEqual(['2000 many a', '4000 many a', '6000 many a', '8000 many a']);
  });

  test('the call ends with the last task, and the next task begins anew', async () => {
    const a = keep('a');
    await clock.advance(3000);
    a.release();
    await clock.advance(20_000);
    expect(seen()).toEqual(['2000 many a']);
    keep('b');
    await clock.advance(2000);
    expect(seen()).toEqual(['25000 many b']);
    // at once after another
    const [c] = [keep('c')];
    c.release();
    await clock.advance(2000);
    expect(seen()).toEqual(['27000 many b']);
  });
});

describe('a sequencer that does not know it', () => {
  test('gets a heartbeat for each lease, and is asked again after a minute', async () => {
    sequencer.isKnown = false;
    const a = keep('a');
    keep('b');
    await clock.advance(2000);
    await expect.poll(() => sequencer.calls.length).toBe(2);
    expect(seen().toSorted()).toEqual(['2000 one a', '2000 one b']);
    for (let second = 0; second < 6; second++) {
      await clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const beats = seen();
    expect([
      beats.filter((beat) => beat.endsWith('one a')).length,
      beats.filter((beat) => beat.includes('many')).length,
    ]).toEqual([3, 0]);
    sequencer.canceled.add('a');
    await clock.advance(2000);
    await expect.poll(() => a.signal.aborted).toBe(true);
    sequencer.isKnown = true;
    seen();
    await clock.advance(UNKNOWN_MS);
    expect(seen().some((beat) => beat.includes('many b'))).toBe(true);
  });

  test('a protocol without it gets them one by one', async () => {
    const { heartbeat } = sequencer;
    heartbeats = new Heartbeats({ heartbeat }, clock);
    const a = keep('a');
    await clock.advance(4500);
    expect(seen()).toEqual(['2000 one a', '4000 one a']);
    a.release();
    await clock.advance(4500);
    expect(seen()).toEqual([]);
  });
});

test('previews of many tasks go up in parts that a sequencer takes', async () => {
  const preview = `data:image/png;base64,${'A'.repeat(300_000)}`;
  const keepers = ['a', 'b', 'c', 'd', 'e'].map(keep);
  for (const keeper of keepers) keeper.report({ preview });
  await clock.advance(REPORT_MS);
  await expect.poll(() => sequencer.calls.flatMap(({ leases }) => leases.split(' ')).length).toBe(5);
  for (const { leases } of sequencer.calls) expect(leases.split(' ').length).toBeLessThanOrEqual(2);
});

test('one that answers for fewer leases than it was asked for counts as away', async () => {
  heartbeats = new Heartbeats({ heartbeat: sequencer.heartbeat, heartbeats: async () => [] }, clock);
  const a = keep('a');
  await clock.advance(2500);
  expect([a.isAway(), a.signal.aborted]).toEqual([true, false]);
});
