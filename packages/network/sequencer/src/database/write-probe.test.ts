import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../test/support/database.ts';
import { tryInsertingTask } from '../tasks/table/insert-tasks.ts';
import type { Database } from './database.ts';
import { WriteProbe } from './write-probe.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await emptyDatabase(database);
});
afterAll(() => database.close());

function start(write = tryInsertingTask) {
  const clock = new FakeClock();
  const seen = { transactions: 0, logged: [] as unknown[] };
  const counted: Database = {
    ...database,
    transaction: (run) => {
      seen.transactions++;
      return database.transaction(run);
    },
  };
  const log = (message: string, fields?: object) => void seen.logged.push([message, fields]);
  const probe = new WriteProbe(counted, { write, clock, logger: { info() {}, warn: log, error: log } });
  return { probe, clock, seen };
}
const away = new HeuristError('The disk is full.', { code: 'unavailable' });

test('leaves nothing behind', async () => {
  const { probe, seen } = start();
  await probe.check();
  expect(seen.transactions).toBe(1);
  expect(await database.query('SELECT * FROM heurist.task')).toEqual([]);
  const tables = `SELECT tablename FROM pg_tables WHERE tablename LIKE 'probe%'`;
  expect(await database.query(tables)).toEqual([]);
});

test('one answer serves everybody for ten seconds; one that is bad, or in doubt, for a second', async () => {
  let failure: Error | undefined;
  const { probe, clock, seen } = start(async () => {
    if (failure) throw failure;
  });
  await Promise.all(Array.from({ length: 50 }, () => probe.check()));
  await clock.advance(9999);
  await probe.check();
  expect(seen.transactions).toBe(1);
  failure = away;
  await clock.advance(1);
  await expect(Promise.all([probe.check(), probe.check()])).rejects.toBe(away);
  await expect(probe.check()).rejects.toBe(away);
  expect(seen.transactions).toBe(2);
  failure = undefined;
  await clock.advance(999);
  await expect(probe.check()).rejects.toBe(away);
  await clock.advance(1);
  await probe.check();
  expect(seen.transactions).toBe(3);
  failure = away;
  probe.doubt();
  await probe.check();
  await clock.advance(1000);
  probe.doubt();
  await expect(probe.check()).rejects.toBe(away);
  expect(seen.transactions).toBe(4);
});

test('a database without room for a new page, or one that is read-only, cannot be written', async () => {
  const { probe, clock, seen } = start();
  await database.query('SET default_transaction_read_only = on');
  const code = await probe.check().catch((error) => error.code);
  await database.query('SET default_transaction_read_only = off');
  expect(code).toBe('unavailable');
  await clock.advance(1000);
  await probe.check();
  expect(seen.logged).toEqual([
    ['database cannot be written', { message: expect.stringMatching(/read-only transaction/) }],
  ]);
});

test('the reason of what does not pass by itself is for the log only', async () => {
  const { probe, seen } = start(async () => {
    throw new Error('permission denied for table task');
  });
  const message = 'The database cannot be written now. The log of this server says why.';
  await expect(probe.check()).rejects.toMatchObject({ code: 'unavailable', message });
  expect(seen.logged).toEqual([['database cannot be written', { message: 'permission denied for table task' }]]);
});
