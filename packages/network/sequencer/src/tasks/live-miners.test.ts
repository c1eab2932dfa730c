import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { createSchema } from '../database/schema.ts';
import { LiveMiners } from './live-miners.ts';

let database: Database;
let now: number;
beforeAll(async () => {
  database = await openDatabase();
  await createSchema(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  now = 1_000_000;
  await database.query('DELETE FROM heurist.miner');
});
const create = () => new LiveMiners(database, 15_000, () => now);

test('a workflow that nobody runs is told of, once miners have had time to come', async () => {
  const miners = create();
  expect(await miners.warningFor('sdxl')).toBeUndefined();
  now += 20_000;
  expect(await miners.warningFor('sdxl')).toContain('sdxl');
  await miners.offers('a', ['sdxl', 'svd']);
  expect(await miners.warningFor('sdxl')).toBeUndefined();
  expect(await miners.warningFor('svd')).toBeUndefined();
  expect(await miners.warningFor('mochi')).toBeDefined();
});

test('a miner that falls silent does not count, one that works does', async () => {
  const miners = create();
  await miners.offers('idle', ['sdxl']);
  await miners.offers('busy', ['svd']);
  now += 80_000;
  await miners.isAtWork('busy');
  now += 40_000;
  expect(await miners.warningFor('sdxl')).toBeDefined();
  expect(await miners.warningFor('svd')).toBeUndefined();
  await miners.leaves('busy');
  expect(await miners.warningFor('svd')).toBeDefined();
  await miners.sweep();
  expect(await database.query('SELECT * FROM heurist.miner')).toEqual([]);
});

test('replicas see the same miners; one that has changed its replica has not left', async () => {
  const [first, second] = [create(), create()];
  await first.offers('rig', ['sdxl'], { svd: ['model x'] });
  now += 1000;
  expect(await second.list()).toEqual([{ miner_id: 'rig', workflow_ids: ['sdxl'], lacks: { svd: ['model x'] } }]);
  await second.offers('rig', ['sdxl']);
  await first.leaves('rig');
  now += 1000;
  expect(await second.list()).toHaveLength(1);
  await second.leaves('rig');
  expect(await second.list()).toEqual([]);
});

test('two machines with one key are one miner that runs what either does', async () => {
  const miners = create();
  await miners.offers('rig', ['sdxl']);
  await miners.offers('rig', ['svd']);
  expect((await miners.list())[0]?.workflow_ids.toSorted()).toEqual(['sdxl', 'svd']);
});

test('what is said again and again is not written again and again', async () => {
  let writes = 0;
  const counting = {
    ...database,
    query: (...args: Parameters<typeof database.query>) => {
      writes++;
      return database.query(...args);
    },
  };
  const miners = new LiveMiners(counting, 15_000, () => now);
  for (let second = 0; second < 15; second++, now += 1000) {
    await miners.offers('rig', ['sdxl']);
    await miners.isAtWork('rig');
  }
  expect(writes).toBe(1);
});
