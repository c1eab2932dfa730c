import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../database/database.ts';
import { REFRESH_MS, SharedCounts } from './shared-counts.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => emptyDatabase(database));
afterAll(() => database.close());

/** A replica, and how many transactions it has made. */
function createReplica(clock = new FakeClock()) {
  const seen = { transactions: 0, fails: false as boolean | 'late' };
  const counts = new SharedCounts(
    {
      ...database,
      transaction: (change) => {
        seen.transactions++;
        const away = Object.assign(new Error('away'), { code: 'unavailable' });
        if (seen.fails === true) throw away;
        return database.transaction(async (sql) => {
          const result = await change(sql);
          if (seen.fails) throw away;
          return result;
        });
      },
    },
    clock,
  );
  return { counts, clock, seen };
}

const take = async ({ counts }: { counts: SharedCounts }, most: number, place = 'claim miner rig') =>
  (await counts.take([{ place, most }])) === undefined;
const many = async (replicas: { counts: SharedCounts }[], times: number, most: number) => {
  const all = Array.from({ length: times }, (_, index) => take(replicas[index % replicas.length]!, most));
  return (await Promise.all(all)).filter(Boolean).length;
};
const forget = (seconds: number) =>
  database.query(`UPDATE heurist.replica SET seen_at = seen_at - $1 * interval '1 second'`, [seconds]);

test.each([1, 5, 100])(
  'exactly %d of three times as many are let in, over two replicas at one moment',
  async (most) => {
    const replicas = [createReplica(), createReplica()];
    expect(await many(replicas, 3 * most, most)).toBe(most);
    expect(await replicas[0]!.counts.take([{ place: 'claim miner rig', most }])).toEqual({
      place: 'claim miner rig',
      most,
      count: most,
    });
    // others are not concerned
    expect(await take(replicas[1]!, most, 'claim miner other')).toBe(true);
  },
);

test('what one replica releases, another can take, after the quarter of a second that it is kept', async () => {
  const [one, two] = [createReplica(), createReplica()];
  expect(await many([one], 9, 5)).toBe(5);
  one.counts.release([{ place: 'claim miner rig', most: 5 }]);
  one.counts.release([{ place: 'claim miner rig', most: 5 }]);
  // whoever comes back is let in without a statement
  const { transactions } = one.seen;
  expect(await take(one, 5)).toBe(true);
  expect(one.seen.transactions).toBe(transactions);
  expect(await take(two, 5)).toBe(false);
  await one.clock.advance(250);
  await expect.poll(() => take(two, 5)).toBe(true);
  expect(await take(two, 5)).toBe(false);
});

test('far from the limit, long polls that are made again cost no statement', async () => {
  const replica = createReplica();
  for (let count = 0; count < 10; count++) await take(replica, 256);
  const { transactions } = replica.seen;
  for (let round = 0; round < 100; round++) {
    replica.counts.release([{ place: 'claim miner rig', most: 256 }]);
    await replica.clock.advance(1);
    expect(await take(replica, 256)).toBe(true);
  }
  // nor does the one that is not made again, until the next refresh
  replica.counts.release([{ place: 'claim miner rig', most: 256 }]);
  await replica.clock.advance(4000);
  expect(replica.seen.transactions).toBe(transactions);
});

test('idle long polls cost one statement every five seconds, which keeps the replica alive', async () => {
  const [one, two] = [createReplica(), createReplica()];
  expect(await many([one], 5, 5)).toBe(5);
  const { transactions } = one.seen;
  await one.counts.refresh();
  expect(one.seen.transactions).toBe(transactions);
  await forget(14);
  await one.clock.advance(REFRESH_MS);
  await one.counts.refresh();
  expect(one.seen.transactions).toBe(transactions + 1);
  await forget(14);
  expect(await take(two, 5)).toBe(false);
});

test('what a replica held that died is free after 15 seconds, by the clock of the database, and deleted later', async () => {
  const [dead, live] = [createReplica(), createReplica()];
  await many([dead], 5, 5);
  await forget(14);
  expect(await take(live, 5)).toBe(false);
  await forget(2);
  expect(await many([live], 9, 5)).toBe(5);
  await forget(60);
  await live.clock.advance(REFRESH_MS);
  await live.counts.refresh();
  expect(await database.query('SELECT count FROM heurist.open_request')).toEqual([{ count: 5 }]);
  expect(await database.query('SELECT FROM heurist.replica')).toHaveLength(1);
});

test('a replica that was cut off asks again before it lets anyone in, and is counted again', async () => {
  const [one, two] = [createReplica(), createReplica()];
  for (let count = 0; count < 5; count++) await take(one, 40);
  // far from the limit it keeps this room
  one.counts.release([{ place: 'claim miner rig', most: 40 }]);
  await forget(120);
  await two.clock.advance(REFRESH_MS);
  expect(await many([two], 50, 40)).toBe(40);
  await one.clock.advance(2 * REFRESH_MS);
  expect(await take(one, 40)).toBe(false);
  // what it held meanwhile counts
  two.counts.release([{ place: 'claim miner rig', most: 40 }]);
  await two.clock.advance(250);
  expect(await take(two, 40)).toBe(false);
});

test('a replica that ends leaves nothing', async () => {
  const [one, two] = [createReplica(), createReplica()];
  await many([one], 5, 5);
  await one.counts.close();
  expect(await many([two], 9, 5)).toBe(5);
});

test('two places: both, or neither', async () => {
  const replica = createReplica();
  const asked = [
    { place: 'claim miner rig', most: 5 },
    { place: 'claim key k', most: 1 },
  ];
  expect(await replica.counts.take(asked)).toBeUndefined();
  expect(await replica.counts.take(asked)).toMatchObject({ place: 'claim key k', count: 1 });
  // the owner has four left
  expect(await many([replica], 9, 5)).toBe(4);
});

test('a database that is away lets nobody in, and nothing is counted twice afterwards', async () => {
  const replica = createReplica();
  for (const fails of [true, 'late'] as const) {
    replica.seen.fails = fails;
    await expect(take(replica, 5)).rejects.toThrow('away');
  }
  replica.seen.fails = false;
  expect(await many([replica], 9, 5)).toBe(5);
  replica.seen.fails = true;
  for (let count = 0; count < 5; count++) replica.counts.release([{ place: 'claim miner rig', most: 5 }]);
  await replica.clock.advance(250);
  replica.seen.fails = false;
  await replica.counts.refresh();
  expect(await many([createReplica()], 9, 5)).toBe(5);
});

test('room whose writing failed is asked for again', async () => {
  const replica = createReplica();
  replica.seen.fails = 'late';
  await expect(take(replica, 5)).rejects.toThrow('away');
  replica.seen.fails = false;
  expect(await take(replica, 5)).toBe(true);
  expect(await many([createReplica()], 9, 5)).toBe(4);
});
