// Heartbeats of many leases in one call, over HTTP: what is held, for how long, and what ends it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

const LEASE_SECONDS = 6;
const LEASES = 100;
let network: Network;

beforeAll(async () => {
  network = await startNetwork({
    leaseSeconds: LEASE_SECONDS,
    limits: { tasksPerMinute: 100_000, callsPerMinute: 1e9, leases: 1000, heldHeartbeats: 2 },
  });
  // or it would begin with a few tasks
  await network.database.query(`INSERT INTO heurist.track_record (miner_id, finished) VALUES ('rig', 1000)`);
});
beforeEach(() => network.cancelAll());
afterAll(() => network?.stop());

/** Tasks that run, as if they had for so many seconds. */
async function run(count: number, seconds = 60) {
  await Promise.all(Array.from({ length: count }, () => network.create()));
  const tasks: Run[] = await Promise.all(Array.from({ length: count }, () => network.claim({ slots: count })));
  await network.database.query(
    `UPDATE heurist.task SET claimed_at = now() - $1 * interval '1 second' WHERE status = 'running'`,
    [seconds],
  );
  return tasks;
}

interface Run {
  task_id: string;
  lease_id: string;
}

const goesOn = (seconds: number) => ({ cancel: false, heartbeat_seconds: expect.closeTo(seconds, 0) });

test('a hundred leases are held in one call; what ends one of them ends the call, and no other', async () => {
  const tasks = await run(LEASES);
  await network.ageHeartbeats(20);
  const { answer } = await network.holdHeartbeats(tasks.map(({ lease_id }) => ({ lease_id })));
  await network.cancel(tasks[40]!.task_id);
  const { results } = (await answer).json;
  expect(results).toEqual(tasks.map((_, index) => (index === 40 ? { cancel: true } : goesOn(10))));
  // all were renewed when the call came
  const [row] = await network.database.query(
    `SELECT count(*)::int AS count FROM pgboss.job WHERE state = 'active' AND heartbeat_on > now() + interval '20 seconds'`,
  );
  expect(row.count).toBe(LEASES - 1);
});

test('one lease that is lost, canceled or forged is said at once; the others hear so, and are not told to stop', async () => {
  const [mine, canceled] = (await run(2)) as [Run, Run];
  await network.cancel(canceled.task_id);
  const start = performance.now();
  for (const [other, said] of [
    [canceled.lease_id, { cancel: true }],
    ['forged', { error: expect.objectContaining({ code: 'lease_lost', status: 409 }) }],
  ] as const) {
    const heartbeats = [{ lease_id: other }, { lease_id: mine.lease_id }];
    const { json } = await network.heartbeats(heartbeats, { wait_seconds: 60 });
    expect(json.results).toEqual([said, goesOn(10)]);
  }
  expect(performance.now() - start).toBeLessThan(5000);
});

test('a call more than may be held is answered at once, and asks as often as in a short run', async () => {
  const [first, second, third] = (await run(3)) as [Run, Run, Run];
  const held = [await network.holdHeartbeats([first]), await network.holdHeartbeats([second])];
  const { json } = await network.heartbeats([third], { wait_seconds: 60 });
  expect(json.results).toEqual([goesOn(LEASE_SECONDS / 3)]);
  await network.cancelAll();
  expect(await Promise.all(held.map(async ({ answer }) => (await answer).json.results))).toEqual(
    Array(2).fill([{ cancel: true }]),
  );
});

test.each([
  ['none', {}],
  ['0', { wait_seconds: 0 }],
  ['less than a tick', { wait_seconds: 1e-9 }],
])('a wait of %s is answered at once', async (_, more) => {
  const [{ lease_id }] = (await run(1)) as [Run];
  const start = performance.now();
  expect((await network.heartbeats([{ lease_id }], more)).json.results).toEqual([goesOn(10)]);
  expect(performance.now() - start).toBeLessThan(2000);
});

test.each([60.001, -0.001, 1e300, null, '5'])('a wait of %j seconds is refused', async (wait_seconds) => {
  const { status, json } = await network.heartbeats([{ lease_id: 'x' }], { wait_seconds });
  expect([status, json.code]).toEqual([400, 'invalid_request']);
});

test('a miner of the version before, which renews one lease a call, goes on beside it', async () => {
  const [one, two] = (await run(2)) as [Run, Run];
  const { answer } = await network.holdHeartbeats([one]);
  expect((await network.heartbeat(two.lease_id, { percent: 5 })).json).toEqual(goesOn(10));
  // the same lease by both ways
  expect((await network.heartbeat(one.lease_id)).json).toEqual(goesOn(10));
  await network.cancel(two.task_id);
  expect((await network.heartbeat(two.lease_id)).json).toEqual({ cancel: true });
  await network.cancelAll();
  expect((await answer).json.results).toEqual([{ cancel: true }]);
});

test('a server that closes answers what it holds: ask soon again', async () => {
  const closing = await startNetwork({ leaseSeconds: LEASE_SECONDS });
  await closing.create();
  const { lease_id } = await closing.claim();
  await closing.database.query(`UPDATE heurist.task SET claimed_at = now() - interval '60 seconds'`);
  const { answer } = await closing.holdHeartbeats([{ lease_id }]);
  await closing.stop();
  expect((await answer).json.results).toEqual([goesOn(LEASE_SECONDS / 3)]);
});
