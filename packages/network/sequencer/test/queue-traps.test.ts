import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renewStatistics } from '../src/database/postgres-database.ts';
import { openDatabase } from '../src/index.ts';
import { testQueue } from './support/queue-contract.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

// src/tasks/dispatch.test.ts has the same on the embedded database
describe('the queue on PostgreSQL', () => testQueue(async () => openDatabase(await server.createDatabase())));

test('statistics are renewed for tables that have changed much: a queue that has just filled would be read row by row', async () => {
  const url = await server.createDatabase();
  const pool = new pg.Pool({ connectionString: url });
  // the server stops while connections are still closing
  pool.on('error', () => {});
  await pool.query('CREATE SCHEMA heurist; CREATE TABLE heurist.task (n int); CREATE TABLE heurist.small (n int)');
  await pool.query('INSERT INTO heurist.task SELECT generate_series(1, 5000); INSERT INTO heurist.small VALUES (1)');
  const analyzed = async () =>
    (await pool.query('SELECT relname FROM pg_stat_user_tables WHERE last_analyze IS NOT NULL')).rows.map(
      ({ relname }) => relname,
    );
  const database = await openDatabase(url);
  const look = async () => {
    await renewStatistics(database);
    return await analyzed();
  };
  // the server tells of changes after a moment
  await expect.poll(look, { timeout: 15_000, interval: 300 }).toEqual(['task']);
  await database.close();
  await pool.end();
});
