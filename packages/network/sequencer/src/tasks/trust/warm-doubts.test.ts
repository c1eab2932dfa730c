import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../database/database.ts';
import type { EndedTask } from '../table/change-tasks.ts';
import { addWarmDoubts, deleteOldWarmDoubts, doubtChanges, readWarmDoubts } from './warm-doubts.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.query('DELETE FROM heurist.warm_doubt'));
afterAll(() => database?.close());

const add = (...changes: number[]) =>
  changes.reduce(
    (before, change) => before.then(() => addWarmDoubts(database, new Map([['rig', change]]))),
    Promise.resolve(),
  );
const read = async () => (await readWarmDoubts(database)).map(({ doubt, is_doubted }) => [doubt, is_doubted]);

test('doubt grows and shrinks, and never falls below none', async () => {
  await add(2, 2, -1);
  expect(await read()).toEqual([[3, false]]);
  await add(-1, -1, -1, -1, 2);
  expect(await read()).toEqual([[2, false]]);
});

test('at eight a miner is not believed, for an hour; then again, with half the doubt', async () => {
  await add(2, 2, 2, 2);
  expect(await read()).toEqual([[4, true]]);
  await database.query(`UPDATE heurist.warm_doubt SET doubted_until = doubted_until - interval '1 hour'`);
  expect(await read()).toEqual([[4, false]]);
  await add(2, 2);
  expect(await read()).toEqual([[4, true]]);
});

test('what comes at once does not make it whole', async () => {
  await add(20);
  expect(await read()).toEqual([[7, false]]);
  await add(2);
  expect(await read()).toEqual([[4, true]]);
});

test('old doubt is deleted, that which still counts is not', async () => {
  await addWarmDoubts(
    database,
    new Map([
      ['a', 2],
      ['b', 8],
      ['c', 2],
    ]),
  );
  await add(2);
  await database.query(`UPDATE heurist.warm_doubt SET changed_at = now() - interval '25 hours' WHERE miner_id <> 'c'`);
  await database.query(
    `UPDATE heurist.warm_doubt SET doubted_until = now() + interval '1 minute' WHERE miner_id = 'b'`,
  );
  await deleteOldWarmDoubts(database);
  expect((await readWarmDoubts(database)).map(({ miner_id }) => miner_id).toSorted()).toEqual(['b', 'c']);
});

describe('of runs that have ended', () => {
  const usual = () => ({ load_ms: 20_000, slow_ms: 5000 });
  const ended = (seconds: number, more: object = {}) =>
    ({
      miner_id: 'rig',
      model_key: 'a',
      was_warm: true,
      load_ms: 0,
      upload_ms: 1000,
      claimed_at: new Date(0),
      ended_at: new Date(seconds * 1000 + 1000),
      ...more,
    }) as EndedTask;
  const none = new Map();
  const known = new Map([['rig', { miner_id: 'rig', doubt: 1, is_doubted: false }]]);

  test('those that were cold count against a miner, together', () => {
    expect(doubtChanges([ended(24), ended(24), ended(4)], usual, none)).toEqual(new Map([['rig', 4]]));
  });

  test('those that were warm count only for a miner that has doubt to lose', () => {
    expect(doubtChanges([ended(4)], usual, none)).toEqual(none);
    expect(doubtChanges([ended(4)], usual, known)).toEqual(new Map([['rig', -1]]));
  });

  test.each([
    ['of a miner that said it was cold', { was_warm: false }],
    ['of one that said nothing', { was_warm: null }],
    ['of nobody', { miner_id: null }],
  ])('those %s are not judged', (_, more) => {
    expect(doubtChanges([ended(24, more)], usual, known)).toEqual(none);
  });
});
