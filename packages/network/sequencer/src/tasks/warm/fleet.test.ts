import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import type { Sql } from '../../database/database.ts';
import { boundHeld, Fleet } from './fleet.ts';

const room = useTaskRoom();
const holds = (key: string) => [{ key, load_ms: 9000 }];
const machine = (machine_id: string, miner_id = 'rig') => ({ miner_id, machine_id });

/** A fleet on an empty table, and how often it has written. */
async function createFleet() {
  await room.database.query('DELETE FROM heurist.holder; DELETE FROM heurist.passed');
  const clock = new FakeClock(0);
  let writes = 0;
  const counted: Sql = {
    query(text, values) {
      if (text.includes('INSERT')) writes++;
      return room.database.query(text, values);
    },
  };
  return { clock, fleet: new Fleet(counted, clock), writes: () => writes };
}

const known = async (miner_id: string) => {
  const query = 'SELECT machine_id FROM heurist.holder WHERE miner_id = $1 ORDER BY machine_id';
  const rows = await room.database.query<{ machine_id: string }>(query, [miner_id]);
  return rows.map(({ machine_id }) => machine_id);
};

test('so many machines of a miner are known, however many say something at one moment', async () => {
  const { fleet } = await createFleet();
  await fleet.record(machine('m0'), holds('a'), 3);
  await Promise.all(Array.from({ length: 50 }, (_, index) => fleet.record(machine(`m${index}`), holds('b'), 3)));
  expect(await known('rig')).toEqual(['m0', 'm1', 'm10']);
  // those that are known may go on, and others have room of their own
  await Promise.all([
    fleet.record(machine('m10'), holds('c'), 3),
    fleet.record(machine('m9'), holds('c'), 3),
    fleet.record(machine('m1', 'other'), holds('c'), 3),
  ]);
  expect(await known('rig')).toEqual(['m0', 'm1', 'm10']);
  expect(await known('other')).toEqual(['m1']);
  const [{ held }] = await room.database.query(`SELECT held FROM heurist.holder WHERE machine_id = 'm10'`);
  expect(held).toEqual(holds('c'));
});

test('what has not changed is written once a minute', async () => {
  const { fleet, clock, writes } = await createFleet();
  for (let round = 0; round < 3; round++) await fleet.record(machine('one'), holds('a'), 9);
  expect(writes()).toBe(1);
  await fleet.record(machine('one'), holds('b'), 9);
  expect(writes()).toBe(2);
  await clock.advance(60_000);
  await fleet.record(machine('one'), holds('b'), 9);
  expect(writes()).toBe(3);
});

test('invented machines do not fill the memory: the first ones are forgotten, and written again', async () => {
  const { fleet, writes } = await createFleet();
  await fleet.record(machine('first'), holds('a'), 1);
  await Promise.all(Array.from({ length: 20_000 }, (_, index) => fleet.record(machine(`${index}`), holds('a'), 1)));
  const before = writes();
  await fleet.record(machine('first'), holds('a'), 1);
  expect(writes() - before).toBe(1);
  expect(await known('rig')).toEqual(['first']);
});

test('a line is forgotten once its first task does not wait any more', async () => {
  const { fleet } = await createFleet();
  const [taken, canceled, waits] = [await room.submit(), await room.submit(), await room.submit()];
  await fleet.recordPassed(
    [taken, canceled, waits].map((head_id, index) => ({ line: `line ${index}`, head_id, since: 0 })),
  );
  expect((await room.claim()).task_id).toBe(taken);
  await room.tasks.cancel(await room.tasks.get(canceled));
  await fleet.sweep();
  expect(await room.database.query('SELECT head_id FROM heurist.passed')).toEqual([{ head_id: waits }]);
});

test('of what a miner says, each model counts once, the first time, and none without a name', () => {
  const said = [{ key: '' }, { key: 'a', load_ms: 1 }, { key: 'b' }, { key: 'a', load_ms: 2 }, { key: 'c' }];
  expect(boundHeld(said, 2)).toEqual([{ key: 'a', load_ms: 1 }, { key: 'b' }]);
});

test('a fleet that takes long to read is read more seldom', async () => {
  const { clock } = await createFleet();
  let reads = 0;
  const slow: Sql = {
    async query(text, values) {
      const rows = await room.database.query(text, values);
      if (!text.includes('FROM heurist.holder')) return rows;
      reads++;
      await clock.advance(400);
      return rows;
    },
  };
  const fleet = new Fleet(slow, clock);
  for (let second = 0; second < 8; second++) {
    await fleet.summary();
    await clock.advance(1000);
  }
  expect(reads).toBe(2);
});
