import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase } from '../../test/support/database.ts';
import type { Database } from '../database/database.ts';
import { LiveMiners } from './live-miners.ts';

let database: Database;
let clock: FakeClock;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  clock = new FakeClock(1_000_000);
  await database.query('DELETE FROM heurist.miner');
});
const create = () => new LiveMiners(database, 15_000, clock);

test('a workflow that no miner runs causes a warning, once miners have had time to connect', async () => {
  const miners = create();
  expect(await miners.warningFor('sdxl')).toBeUndefined();
  await clock.advance(20_000);
  expect(await miners.warningFor('sdxl')).toContain('sdxl');
  await miners.recordOffer('a', ['sdxl', 'svd']);
  expect(await miners.warningFor('sdxl')).toBeUndefined();
  expect(await miners.warningFor('svd')).toBeUndefined();
  expect(await miners.warningFor('mochi')).toBeDefined();
});

test('a miner that is offline does not count, one that sends heartbeats does', async () => {
  const miners = create();
  await miners.recordOffer('idle', ['sdxl']);
  await miners.recordOffer('busy', ['svd']);
  await clock.advance(80_000);
  await miners.recordHeartbeat('busy');
  await clock.advance(40_000);
  expect(await miners.warningFor('sdxl')).toBeDefined();
  expect(await miners.warningFor('svd')).toBeUndefined();
  await miners.recordDisconnect('busy');
  expect(await miners.warningFor('svd')).toBeDefined();
  await miners.sweep();
  expect(await database.query('SELECT * FROM heurist.miner')).toEqual([]);
});

test('replicas see the same miners; one that has changed its replica has not left', async () => {
  const [first, second] = [create(), create()];
  await first.recordOffer('rig', ['sdxl'], { svd: ['model x'] });
  await clock.advance(1000);
  expect(await second.list()).toEqual([{ miner_id: 'rig', workflow_ids: ['sdxl'], lacks: { svd: ['model x'] } }]);
  await second.recordOffer('rig', ['sdxl']);
  await first.recordDisconnect('rig');
  await clock.advance(1000);
  expect(await second.list()).toHaveLength(1);
  await second.recordDisconnect('rig');
  expect(await second.list()).toEqual([]);
});

test('two machines with one key are one miner that runs what either does', async () => {
  const miners = create();
  await miners.recordOffer('rig', ['sdxl']);
  await miners.recordOffer('rig', ['svd']);
  expect((await miners.list())[0]?.workflow_ids.toSorted()).toEqual(['sdxl', 'svd']);
});

test('an unchanged miner is written every 20 seconds only', async () => {
  let writes = 0;
  const counting = {
    ...database,
    query: (...args: Parameters<typeof database.query>) => {
      writes++;
      return database.query(...args);
    },
  };
  const miners = new LiveMiners(counting, 15_000, clock);
  for (let second = 0; second < 15; second++) {
    await clock.advance(1000);
    await miners.recordOffer('rig', ['sdxl']);
    await miners.recordHeartbeat('rig');
  }
  expect(writes).toBe(1);
  await clock.advance(5999);
  await miners.recordOffer('rig', ['sdxl']);
  expect(writes).toBe(1);
  await clock.advance(1);
  await miners.recordOffer('rig', ['sdxl']);
  expect(writes).toBe(2);
  await clock.advance(20_000);
  await miners.recordHeartbeat('rig');
  expect(writes).toBe(3);
});

test('a miner is offline 90 seconds after it was heard of, and so is each of its offers', async () => {
  const miners = create();
  await miners.recordOffer('rig', ['svd']);
  await clock.advance(30_000);
  await miners.recordOffer('rig', ['sdxl']);
  const offered = async () => (await miners.list()).map(({ workflow_ids }) => workflow_ids.toSorted());
  await clock.advance(59_999);
  expect(await offered()).toEqual([['sdxl', 'svd']]);
  await clock.advance(501);
  expect(await offered()).toEqual([['sdxl']]);
  await clock.advance(29_499);
  expect(await offered()).toEqual([['sdxl']]);
  await clock.advance(501);
  expect(await offered()).toEqual([]);
});

test('a sweep forgets offline miners only, here and in the database', async () => {
  const miners = create();
  await miners.recordOffer('old', ['sdxl']);
  await clock.advance(60_000);
  await miners.recordOffer('young', ['sdxl']);
  await clock.advance(30_001);
  await miners.sweep();
  expect(await database.query('SELECT miner_id FROM heurist.miner')).toEqual([{ miner_id: 'young' }]);
  // what was forgotten is not deleted again when it disconnects
  await miners.recordDisconnect('old');
  await miners.recordDisconnect('young');
  expect(await database.query('SELECT miner_id FROM heurist.miner')).toEqual([]);
});

test('another replica is seen after half a second', async () => {
  const [first, second] = [create(), create()];
  expect(await second.list()).toEqual([]);
  await first.recordOffer('rig', ['sdxl']);
  await clock.advance(500);
  expect(await second.list()).toEqual([]);
  await clock.advance(1);
  expect(await second.list()).toHaveLength(1);
});

test('there are no warnings while miners may still connect', async () => {
  const miners = create();
  await clock.advance(14_999);
  expect(await miners.warningFor('sdxl')).toBeUndefined();
  await clock.advance(1);
  expect(await miners.warningFor('sdxl')).toBe(
    'No miner connected to this network runs workflow sdxl. The task waits until one does.',
  );
});

test('what a miner is missing is remembered until it says so again', async () => {
  const miners = create();
  const lacks = async () => (await miners.list())[0]?.lacks;
  await miners.recordOffer('rig', ['sdxl'], { svd: ['model x'] });
  await clock.advance(21_000);
  await miners.recordOffer('rig', ['sdxl']);
  await miners.recordHeartbeat('rig');
  expect(await lacks()).toEqual({ svd: ['model x'] });
  await miners.recordOffer('rig', ['sdxl'], {});
  expect(await lacks()).toEqual({});
});

test('a miner that changes its offer is written at once', async () => {
  const miners = create();
  await miners.recordOffer('rig', ['sdxl']);
  await miners.recordOffer('rig', ['svd', 'sdxl']);
  expect((await miners.list())[0]?.workflow_ids.toSorted()).toEqual(['sdxl', 'svd']);
});

test('the heartbeat of a miner that never asked for work makes no miner', async () => {
  const miners = create();
  await miners.recordHeartbeat('unknown');
  expect(await miners.list()).toEqual([]);
});

test('a miner that offers nothing is not listed', async () => {
  const miners = create();
  await miners.recordOffer('rig', []);
  expect(await miners.list()).toEqual([]);
});

test('a miner is written again after the clock was set back', async () => {
  const miners = create();
  await miners.recordOffer('rig', ['sdxl']);
  await clock.advance(-1_200_000);
  await miners.recordOffer('rig', ['sdxl']);
  await clock.advance(60_000);
  expect(await miners.list()).toHaveLength(1);
  const query = 'SELECT extract(epoch FROM seen_at)::float8 * 1000 AS at FROM heurist.miner';
  expect(await database.query(query)).toEqual([{ at: clock.now() - 60_000 }]);
});

test('heartbeats of one moment are one statement, and each miner stays connected', async () => {
  const statements: string[] = [];
  const counting = {
    ...database,
    query: (...args: Parameters<typeof database.query>) => {
      statements.push(args[0]);
      return database.query(...args);
    },
  };
  const miners = new LiveMiners(counting, 15_000, clock);
  const rigs = Array.from({ length: 50 }, (_, index) => `rig${index}`);
  for (const rig of rigs) await miners.recordOffer(rig, [rig === 'rig7' ? 'svd' : 'sdxl']);
  await clock.advance(80_000);
  statements.length = 0;
  await Promise.all([...rigs, 'unknown'].map((rig) => miners.recordHeartbeat(rig)));
  expect(statements.length).toBe(1);
  await clock.advance(19_000);
  await Promise.all(rigs.map((rig) => miners.recordHeartbeat(rig)));
  expect(statements.length).toBe(1);
  await clock.advance(60_000);
  const listed = await miners.list();
  expect(listed.map(({ miner_id }) => miner_id)).toEqual(rigs.toSorted());
  expect(listed.find(({ miner_id }) => miner_id === 'rig7')?.workflow_ids).toEqual(['svd']);
});
