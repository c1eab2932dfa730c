import { FakeClock } from '@heurist/server-kit/fake-clock';
import { describe, expect, test } from 'vitest';
import { useTaskRoom } from '../../test/support/task-room.ts';
import { defaultLimits } from '../access/limits/limits.ts';
import { etaSeconds, RunTimes, unusualSeconds, withNetworkLimits } from './run-times.ts';

const running = { position: undefined, miners: 1, meanMs: 10_000, elapsedMs: 4000, percent: 0 };
const waiting = { position: 0, miners: 2, meanMs: 10_000, elapsedMs: 0, percent: 0 };

test.each([
  ['its own pace, once there is one', { ...running, percent: 50 }, 4],
  ['from 10 % on', { ...running, percent: 10 }, 36],
  ['but not before', { ...running, percent: 9 }, 6],
  ['else what its kind takes', running, 6],
  ['longer than its kind: nobody knows', { ...running, elapsedMs: 12_000 }, undefined],
  ['exactly as long', { ...running, elapsedMs: 10_000 }, undefined],
  ['nothing known of its kind', { ...running, meanMs: undefined }, undefined],
  ['next in line: half a run until a miner is free, and its own', waiting, 15],
  ['two before it, two miners: a round more', { ...waiting, position: 2 }, 25],
  ['nobody runs it', { ...waiting, miners: 0 }, undefined],
  ['the first of its kind', { ...waiting, meanMs: undefined }, undefined],
])('%s', (_, outlook, seconds) => {
  expect(etaSeconds(outlook)).toBe(seconds);
});

test('a run is unusual from ten usual ones and two of the longest on, and never before the least time', () => {
  const queued = { median: 0, p99: 0 };
  const times = new Map([
    ['quick', { run: 100, usual: 900, longest: 1000, queued }],
    ['slow', { run: 1000, usual: 60_000, longest: 70_000, queued }],
    ['uneven', { run: 1000, usual: 20_000, longest: 4_000_000, queued }],
    ['new', { run: null, usual: null, longest: null, queued }],
  ]);
  expect([...unusualSeconds(times, 300)]).toEqual([
    ['quick', 300],
    ['slow', 600],
    ['uneven', 8000],
  ]);
});

describe('from the table', () => {
  const room = useTaskRoom();

  /** A task that has ended, with its waiting and run time in seconds. */
  async function addEnded(workflow_id: string, queued: number, run: number, endedAgo = 0, status = 'finished') {
    await room.database.query(
      `INSERT INTO heurist.task
         (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, created_at, claimed_at, ended_at)
       SELECT gen_random_uuid(), 'me', '', 'echo', $1, '{}', $2,
         ended - ($3::float8 + $4::float8) * interval '1 second', ended - $4::float8 * interval '1 second', ended
       FROM (SELECT now() - $5::float8 * interval '1 second' AS ended) AS times`,
      [workflow_id, status, queued, run, endedAgo],
    );
  }

  test('means and quantiles by workflow; a failure counts only as waiting', async () => {
    for (const queued of [1, 2, 9]) await addEnded('echo', queued, 10 * queued);
    await addEnded('echo', 2, 1000, 0, 'failed');
    await addEnded('other', 1, 1, 0, 'failed');
    const times = new RunTimes(room.database);
    const echo = await times.of('echo');
    expect(echo?.run).toBeCloseTo(40_000);
    expect(echo?.usual).toBeCloseTo(83_000);
    expect(echo?.longest).toBeCloseTo(90_000);
    expect(echo?.queued.median).toBeCloseTo(2000);
    expect(echo?.queued.p99).toBeCloseTo(8790);
    expect(await times.of('other')).toMatchObject({ run: null });
    expect(await times.of('unknown')).toBeUndefined();
    expect([...(await times.all()).keys()].toSorted()).toEqual(['echo', 'other']);
  });

  test('of the tasks that ended last', async () => {
    await addEnded('echo', 1, 100, 60);
    await addEnded('echo', 1, 10, 2);
    await addEnded('echo', 1, 20, 1);
    expect((await new RunTimes(room.database, { maxTasks: 2 }).of('echo'))?.run).toBeCloseTo(15_000);
    expect((await new RunTimes(room.database).of('echo'))?.run).toBeCloseTo(43_333, -1);
  });

  test('served from memory for ten seconds', async () => {
    const clock = new FakeClock();
    const times = new RunTimes(room.database, { clock });
    expect(await times.of('echo')).toBeUndefined();
    await addEnded('echo', 1, 1);
    await clock.advance(10_000);
    expect(await times.of('echo')).toBeUndefined();
    await clock.advance(1);
    expect(await times.of('echo')).toBeDefined();
  });
});

test('limits that the operator sets below the usual ones hold for definitions with bounds of their own too', () => {
  const workflows = [
    { workflow_id: 'short', max_run_seconds: 600, max_stalled_seconds: 300 },
    { workflow_id: 'long', max_run_seconds: 40_000, max_stalled_seconds: 9000 },
    { workflow_id: 'none' },
  ];
  const { runSeconds, stalledSeconds } = defaultLimits;
  expect(withNetworkLimits(workflows, defaultLimits)).toEqual(workflows);
  expect(withNetworkLimits(workflows, { runSeconds: 80_000, stalledSeconds: 80_000 })).toEqual(workflows);
  expect(withNetworkLimits(workflows, { runSeconds: 3600, stalledSeconds })).toEqual([
    workflows[0],
    { workflow_id: 'long', max_run_seconds: 3600, max_stalled_seconds: 9000 },
    workflows[2],
  ]);
  expect(withNetworkLimits(workflows, { runSeconds, stalledSeconds: 400 })[1]).toEqual({
    workflow_id: 'long',
    max_run_seconds: 40_000,
    max_stalled_seconds: 400,
  });
});
