import { setMaxListeners } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { ALL_PRIVATE_HOSTS } from '@heurist/server-kit/public-address';
import { afterEach, expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { createSigner } from '../../access/signer.ts';
import { createSharedClock } from '../../database/shared-clock.ts';
import { WriteProbe } from '../../database/write-probe.ts';
import { Artifacts } from '../../files/artifacts.ts';
import { createFolderStore } from '../../files/folder-store.ts';
import { LiveMiners } from '../live-miners.ts';
import { createPreviews } from '../previews.ts';
import { Standings } from '../trust/standings.ts';
import { Fleet } from '../warm/fleet.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import { repairStrays } from './repair-strays.ts';
import { Retention } from './retention.ts';
import { keepDelivering, keepSweeping, keepTidying } from './sweeps.ts';

const room = useTaskRoom();
const LEASE_SECONDS = 6;

let stop = async () => {};
afterEach(() => stop());

/** The background work over the room, as it is after a start. */
function start(
  run = keepSweeping,
  artifactFolder = mkdtempSync(join(tmpdir(), 'sweeps-')),
  clock = new FakeClock(),
  deleteJobs = async () => false,
) {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const { database } = room;
  const logged: { text: string }[] = [];
  const log = (message: string, fields?: object) => void logged.push({ text: message, ...fields });
  const store = createFolderStore(artifactFolder);
  const sweeping = run({
    sharedClock: {
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
      sync: async () => (await createSharedClock(database, clock)).sync(),
    },
    tasks: room.tasks,
    attempts: room.attempts,
    repairStrays: () => repairStrays(room.context),
    miners: new LiveMiners(database, 0, clock),
    standings: new Standings(database, { list: async () => [] }),
    fleet: new Fleet(database),
    keys: { sweep: async () => {} },
    audit: { sweep: async () => {} },
    sessions: { sweep: async () => {} },
    deleteJobs,
    keepCounts: async () => {},
    storedFiles: { count: async () => {} },
    storageRoom: { sample: async () => {} },
    previews: createPreviews(database),
    retention: new Retention(database, store, { days: 30 }),
    writeProbe: new WriteProbe(database, { write: async () => {}, clock }),
    artifacts: new Artifacts(database, store, createSigner('secret'), { clock }),
    webhooks: new Webhooks({
      database,
      secret: '',
      privateHosts: ALL_PRIVATE_HOSTS,
      describe: () => Promise.reject(new Error('not described')),
      closing: closing.signal,
    }),
    leaseSeconds: LEASE_SECONDS,
    logger: { info: log, warn: log, error: log },
    closing: closing.signal,
    clock,
  });
  stop = async () => {
    closing.abort();
    await sweeping;
  };
  /** Lets time pass until the next sweep, and waits for its end. */
  const sweep = async () => {
    const before = clock.sleeps.length;
    await clock.advance(500);
    await expect.poll(() => clock.sleeps.length, { interval: 5 }).toBeGreaterThan(before);
  };
  const firstSweep = () => expect.poll(() => clock.sleeps.length, { interval: 5 }).toBe(1);
  return { clock, sweep, firstSweep, logged };
}

const statusOf = async (task_id: string) => (await room.tasks.get(task_id)).status;

test('after a start each miner gets a whole lease to send a heartbeat', async () => {
  const task_id = await room.submit();
  await room.claim();
  await room.ageHeartbeats(3600);
  const { sweep, firstSweep } = start();
  await firstSweep();
  // twelve sweeps in six seconds
  for (let count = 0; count < 12; count++) {
    await sweep();
    expect([count, await statusOf(task_id)]).toEqual([count, 'running']);
  }
  await sweep();
  expect(await statusOf(task_id)).toBe('waiting');
});

/** Sweeps for seconds, in which a task must stay with its miner; then the next sweep takes it. */
async function expectGrace(task_id: string, sweep: () => Promise<void>, sweeps: number) {
  for (let count = 0; count < sweeps; count++) {
    await sweep();
    expect([count, await statusOf(task_id)]).toEqual([count, 'running']);
  }
  await sweep();
  expect(await statusOf(task_id)).toBe('waiting');
}

test('a database that failed costs no task an attempt: each miner gets a whole lease again', async () => {
  const { clock, sweep, firstSweep, logged } = start();
  await firstSweep();
  await clock.advance(LEASE_SECONDS * 1000);
  const task_id = await room.submit();
  await room.claim();
  await room.database.query('ALTER TABLE pgboss.job RENAME COLUMN heartbeat_on TO away');
  await sweep();
  expect(logged).toHaveLength(1);
  await room.database.query('ALTER TABLE pgboss.job RENAME COLUMN away TO heartbeat_on');
  await room.ageHeartbeats(3600);
  await expectGrace(task_id, sweep, 12);
});

test('so does one that answers late: what it says is of before its outage', async () => {
  const { clock, sweep, firstSweep } = start();
  await firstSweep();
  await clock.advance(LEASE_SECONDS * 1000);
  const task_id = await room.submit();
  await room.claim();
  await room.ageHeartbeats(3600);
  await room.database.transaction(async () => {
    // the sweep waits for the only connection
    await clock.advance(2000);
  });
  await expect.poll(() => clock.sleeps.length, { interval: 5 }).toBeGreaterThan(13);
  expect(await statusOf(task_id)).toBe('running');
  await expectGrace(task_id, sweep, 12);
});

test('a clock that is set back delays nothing for longer than a lease', async () => {
  const clock = new FakeClock();
  const shown = clock.now.bind(clock);
  let backMs = 0;
  clock.now = () => shown() - backMs;
  const { sweep, firstSweep } = start(keepSweeping, undefined, clock);
  await firstSweep();
  await clock.advance(LEASE_SECONDS * 1000);
  const task_id = await room.submit();
  await room.claim();
  await room.ageHeartbeats(3600);
  backMs = 1_200_000;
  await expectGrace(task_id, sweep, 13);
});

test('overdue tasks fail in the first sweep already', async () => {
  const task_id = await room.submit({ timeout_seconds: 60 });
  await room.database.query(`UPDATE heurist.task SET overdue_at = now() - interval '1 second'`);
  await start().firstSweep();
  expect(await statusOf(task_id)).toBe('failed');
});

test('data that is no longer needed is deleted at the start, and once a minute', async () => {
  const { clock, sweep, firstSweep } = start(keepTidying);
  await firstSweep();
  const addMiner = () =>
    room.database.query(`INSERT INTO heurist.miner (miner_id, seen_at, offers, lacks) VALUES ('old', $1, '{}', '{}')`, [
      new Date(clock.now() - 3_600_000),
    ]);
  const countMiners = async () => (await room.database.query('SELECT FROM heurist.miner')).length;
  await addMiner();
  await clock.advance(59_500);
  expect(await countMiners()).toBe(1);
  await sweep();
  expect(await countMiners()).toBe(0);
});

test('while something old is left, data is deleted again after a second', async () => {
  const left = [true, true, false];
  const { clock } = start(keepTidying, undefined, undefined, async () => left.shift() ?? false);
  for (const sleeps of [[1000], [1000, 1000], [1000, 1000, 60_000]]) {
    await expect.poll(() => clock.sleeps, { interval: 5 }).toEqual(sleeps);
    await clock.advance(1000);
  }
});

test('a sweep that fails is logged, and the next one runs', async () => {
  const { sweep, firstSweep, logged } = start();
  await firstSweep();
  await room.database.query('ALTER TABLE heurist.task RENAME COLUMN overdue_at TO hidden');
  await sweep();
  expect(logged).toEqual([{ text: 'sweep failed', message: expect.stringContaining('overdue_at') }]);
  await room.database.query('ALTER TABLE heurist.task RENAME COLUMN hidden TO overdue_at');
  await sweep();
  expect(logged).toHaveLength(1);
});

test('webhooks are looked for every half second', async () => {
  const { clock, sweep, firstSweep } = start(keepDelivering);
  await firstSweep();
  await sweep();
  expect(clock.sleeps).toEqual([500, 500]);
});

test('a storage that cannot be written is logged at the start, and once a minute', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sweeps-')), 'file');
  writeFileSync(file, '');
  const { clock, firstSweep, logged } = start(keepTidying, file);
  await firstSweep();
  const line = { text: 'storage failed', message: expect.stringContaining(`Files cannot be stored in ${file} (`) };
  const lines = () => logged.filter(({ text }) => text === 'storage failed');
  expect(lines()).toEqual([line]);
  await clock.advance(60_000);
  await expect.poll(lines).toEqual([line, line]);
});

test('tasks without their jobs are repaired at the start, and once a minute', async () => {
  const task_id = await room.submit();
  await room.claim();
  await room.database.query('DELETE FROM pgboss.job');
  const { firstSweep, logged } = start(keepTidying);
  await firstSweep();
  expect(await statusOf(task_id)).toBe('waiting');
  expect(logged).toEqual([{ text: 'tasks without their jobs were repaired', count: 1 }]);
});

test('a clock that differs from that of the database is logged', async () => {
  const text = 'the clock of this machine differs from that of the database';
  for (const [minutes, lines] of [
    [0, []],
    [-20, [{ text, seconds: expect.closeTo(-1200, -1) }]],
  ] as const) {
    const { firstSweep, logged } = start(keepTidying, undefined, new FakeClock(Date.now() + minutes * 60_000));
    await firstSweep();
    expect(logged).toEqual(lines);
    await stop();
  }
});
