import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { StubSequencer } from '../../test/stub-sequencer.ts';
import { isLost, LeaseKeeper, LeaseLostError, REPORT_MS } from './lease-keeper.ts';

let clock: FakeClock;
let sequencer: StubSequencer;
let beatTimes: number[];
beforeEach(() => {
  clock = new FakeClock(0);
  sequencer = new StubSequencer();
  beatTimes = [];
  sequencer.before = () => void beatTimes.push(clock.now());
});

const keep = () => new LeaseKeeper(sequencer, { lease_id: 'the lease', heartbeat_seconds: 5 }, clock);

describe('heartbeats', () => {
  test('go out regularly, without progress where there is none', async () => {
    keep();
    await clock.advance(15_500);
    expect(beatTimes).toEqual([5000, 10_000, 15_000]);
    expect(sequencer.beats[0]).toEqual({ lease_id: 'the lease', progress: undefined });
  });

  test('end with the release', async () => {
    const lease = keep();
    await clock.advance(5000);
    lease.release();
    lease.report({ percent: 5 });
    await clock.advance(60_000);
    expect(beatTimes).toEqual([5000]);
  });

  test('go on after one that failed', async () => {
    sequencer.before = () => {
      beatTimes.push(clock.now());
      throw new HeuristError('away', { code: 'connection_failed', isRetryable: true });
    };
    const lease = keep();
    await clock.advance(10_000);
    expect([beatTimes, lease.signal.aborted, lease.isAway()]).toEqual([[5000, 10_000], false, true]);
    sequencer.before = () => {};
    await clock.advance(5000);
    expect(lease.isAway()).toBe(false);
  });
});

describe('progress', () => {
  test('goes up soon, at most four times a second, and the next regular heartbeat counts from there', async () => {
    const lease = keep();
    await clock.advance(1000);
    for (let percent = 1; percent <= 10; percent++) {
      lease.report({ percent });
      await clock.advance(50);
    }
    await clock.advance(5000);
    expect(beatTimes).toEqual([1250, 1500, 6500]);
    expect(sequencer.beats.map(({ progress }) => progress?.percent).filter(Boolean)).toEqual([5, 10]);
    expect(REPORT_MS).toBe(250);
  });

  test('keeps what was reported before, but sends a preview only once', async () => {
    const lease = keep();
    lease.report({ percent: 10, node: 'KSampler' });
    lease.report({ preview: 'data:1' });
    lease.report({ percent: 20 });
    await clock.advance(REPORT_MS);
    lease.report({ percent: 30 });
    await clock.advance(REPORT_MS);
    expect(sequencer.beats.map(({ progress }) => progress)).toEqual([
      { percent: 20, node: 'KSampler', preview: 'data:1' },
      { percent: 30, node: 'KSampler' },
    ]);
  });

  test('that comes while a heartbeat is on its way goes up after it', async () => {
    const lease = keep();
    let answer = () => {};
    sequencer.before = () => {
      beatTimes.push(clock.now());
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    };
    lease.report({ percent: 1 });
    await clock.advance(REPORT_MS);
    lease.report({ percent: 2 });
    await clock.advance(2000);
    expect(beatTimes).toEqual([250]);
    answer();
    await clock.advance(REPORT_MS);
    expect(beatTimes).toEqual([250, 2500]);
    expect(sequencer.beats.at(-1)?.progress?.percent).toBe(2);
  });
});

test('reports become rarer as the run goes on: a fiftieth of it passes, two seconds at most', async () => {
  const lease = new LeaseKeeper(sequencer, { lease_id: 'the lease', heartbeat_seconds: 1000 }, clock);
  const delays: number[] = [];
  for (const age of [0, 30_000, 60_000, 300_000]) {
    await clock.advance(age - clock.now());
    await clock.advance(1);
    const at = clock.now();
    beatTimes.length = 0;
    lease.report({ percent: 1 });
    await clock.advance(2500);
    delays.push(beatTimes[0]! - at);
  }
  expect(delays).toEqual([250, 600, 1200, 2000].map((ms) => expect.closeTo(ms, -1)));
});

test('the sequencer says when the next heartbeat is due; after one that failed it comes as at the beginning', async () => {
  const lease = new LeaseKeeper(sequencer, { lease_id: 'the lease', heartbeat_seconds: 2 }, clock);
  sequencer.heartbeatSeconds = 10;
  await clock.advance(13_000);
  expect([beatTimes, lease.intervalMs]).toEqual([[2000, 12_000], 10_000]);
  sequencer.before = () => {
    beatTimes.push(clock.now());
    throw new HeuristError('away', { code: 'connection_failed', isRetryable: true });
  };
  await clock.advance(12_000);
  expect(beatTimes.slice(2)).toEqual([22_000, 24_000]);
});

describe('a lease that is lost', () => {
  test('canceled by the consumer', async () => {
    sequencer.isCanceled = true;
    const lease = keep();
    await clock.advance(60_000);
    expect(beatTimes).toEqual([5000]);
    expect(lease.signal.reason).toMatchObject({ isCanceled: true, message: 'The consumer canceled the task.' });
  });

  test('handed to another miner', async () => {
    sequencer.before = () => {
      beatTimes.push(clock.now());
      throw new HeuristError('gone', { code: 'lease_lost' });
    };
    const lease = keep();
    await clock.advance(60_000);
    expect(beatTimes).toEqual([5000]);
    expect(lease.signal.reason).toMatchObject({ isCanceled: false, message: expect.stringContaining('another miner') });
  });

  test.each([
    [new LeaseLostError(true), true],
    [new HeuristError('gone', { code: 'lease_lost' }), true],
    [new HeuristError('away', { code: 'connection_failed' }), false],
    [new Error('lease_lost'), false],
  ])('%s: %s', (error, expected) => {
    expect(isLost(error)).toBe(expected);
  });
});
