// What a database over a network does to a sequencer: it hangs, goes away, is read-only, refuses.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { startTcpProxy, type TcpProxy } from '@heurist/test-servers/tcp-proxy';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startSequencer } from '../src/create-sequencer.ts';
import type { Database } from '../src/database/database.ts';
import { openPostgres } from '../src/database/postgres-database.ts';
import { POSTGRES_LIMITS, type PostgresLimits } from '../src/database/postgres-limits.ts';
import { createSchema, statements } from '../src/database/schema.ts';
import { createFolderStore } from '../src/files/folder-store.ts';

const limits: PostgresLimits = {
  ...POSTGRES_LIMITS,
  connectMs: 600,
  statementMs: 800,
  pulseMs: 300,
  pingMs: 300,
  standbyMs: 500,
  lockMs: 300,
  closeMs: 100,
};

let server: TestServer;
let direct: string;
let url: string;
let proxy: TcpProxy;
const opened: Database[] = [];
const open = async (more: Partial<PostgresLimits> = {}) => {
  const database = await openPostgres(url, { ...limits, ...more });
  opened.push(database);
  return database;
};

beforeAll(async () => {
  server = await startPostgres();
  direct = await server.createDatabase();
});
beforeEach(async () => {
  proxy = await startTcpProxy({ port: Number(new URL(direct).port) });
  url = direct.replace(/:\d+\//, `:${proxy.port}/`);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close().catch(() => {})));
  await proxy.stop();
});
afterAll(() => server?.stop());

const select = (database: Database) => database.query<{ one: number }>('SELECT 1 AS one');
/** Milliseconds until a promise settles, and its error. */
async function timed(promise: Promise<unknown>) {
  const start = performance.now();
  const error = await promise.then(
    () => undefined,
    (failure) => failure,
  );
  return { ms: performance.now() - start, error };
}
async function admin(text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: direct });
  await client.connect();
  return await client.query(text).finally(() => client.end());
}

test('connections that hang fail within the limit, and one of them is enough: none of their age is used again', async () => {
  const database = await open();
  await Promise.all(Array.from({ length: 10 }, () => database.query('SELECT pg_sleep(0.1)')));
  proxy.stallOpen();
  const first = await timed(select(database));
  expect(first.error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('does not answer') });
  expect(first.ms).toBeLessThan(1500);
  // nine others hang too, and would take 800 ms each
  const rest = await timed(Promise.all(Array.from({ length: 20 }, () => select(database))));
  expect(rest.error).toBeUndefined();
  expect(rest.ms).toBeLessThan(700);
});

test('a transaction on a connection that hangs ends at the limit, without waiting for its ROLLBACK too', async () => {
  const database = await open();
  const { ms, error } = await timed(
    database.transaction(async (sql) => {
      await sql.query('SELECT 1');
      proxy.stallOpen();
      await sql.query('SELECT 2');
    }),
  );
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(ms).toBeLessThan(1400);
  expect(await select(database)).toEqual([{ one: 1 }]);
});

test('a statement that waits for a lock is cancelled by the server, and what a lost sequencer began is rolled back', async () => {
  await admin('CREATE TABLE locked (n int)');
  const [lost, database] = [await open(), await open()];
  const holding = lost.transaction(async (sql) => {
    await sql.query('LOCK TABLE locked');
    proxy.stallOpen();
    await new Promise((resolve) => setTimeout(resolve, 3000));
  });
  holding.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { error } = await timed(database.query('SELECT * FROM locked'));
  expect(error).toMatchObject({ code: 'unavailable' });
  // the server ends the idle transaction of the connection that it hears nothing from
  await expect.poll(() => timed(database.query('SELECT * FROM locked')).then(({ error }) => error)).toBeUndefined();
  await holding.catch(() => {});
});

test('a server that accepts connections and says nothing: each call is refused within the limit', async () => {
  const database = await open();
  proxy.setMode('stall');
  const { ms, error } = await timed(Promise.all(Array.from({ length: 30 }, () => select(database))));
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(ms).toBeLessThan(1200);
});

test('a close does not wait for a server that says nothing', async () => {
  const database = await open();
  await select(database);
  proxy.stallOpen();
  const hanging = timed(select(database));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await timed(database.close())).ms).toBeLessThan(400);
  expect((await hanging).ms).toBeLessThan(500);
});

test('a health check says that the database does not answer, in time; a close does not wait for it', async () => {
  const patient = await open({ statementMs: 60_000, connectMs: 60_000 });
  const clock = new FakeClock();
  const artifacts = createFolderStore(mkdtempSync(join(tmpdir(), 'faults-')));
  const sequencer = await startSequencer({ database: patient, artifacts, workflows: [] }, clock);
  expect((await sequencer.app.request('/healthz')).status).toBe(200);
  proxy.setMode('stall');
  for (const path of ['/healthz', '/readyz']) {
    const answer = Promise.resolve(sequencer.app.request(path));
    await clock.advance(3000);
    const response = await answer;
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'unavailable', message: expect.stringContaining('The database does not answer.') },
    ]);
  }
  const closing = timed(sequencer.close());
  await clock.advance(1500);
  const { ms, error } = await closing;
  expect([error, ms < 1000]).toEqual([undefined, true]);
});

test('ready means that the database can be written: one that is read-only is not', async () => {
  // a busy machine may take longer to answer than faults take here
  const database = await open({ statementMs: 60_000, connectMs: 60_000 });
  const clock = new FakeClock();
  const artifacts = createFolderStore(mkdtempSync(join(tmpdir(), 'faults-')));
  const sequencer = await startSequencer({ database, artifacts, workflows: [] }, clock);
  const statusOf = async (path: string) => (await sequencer.app.request(path)).status;
  const setReadOnly = async (value: 'on' | 'off') => {
    await database.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await database.query('SELECT pg_reload_conf()');
    const isSet = async () => (await database.query('SHOW default_transaction_read_only'))[0];
    await expect.poll(isSet).toEqual({ default_transaction_read_only: value });
  };
  expect(await statusOf('/readyz')).toBe(200);
  await setReadOnly('on');
  try {
    await clock.advance(10_000);
    expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([503, 200]);
  } finally {
    await setReadOnly('off');
  }
  await clock.advance(1000);
  expect(await statusOf('/readyz')).toBe(200);
  await sequencer.close();
});

test('news go on after their connection hangs, and after it is reset', async () => {
  const database = await open();
  const heard: string[] = [];
  let gaps = 0;
  const subscription = await database.channel!.subscribe(
    (message) => heard.push(message),
    () => gaps++,
  );
  for (const [round, fault] of [proxy.stallOpen, proxy.resetOpen].entries()) {
    fault();
    await expect.poll(() => gaps, { timeout: 5000 }).toBe(round + 1);
    await database.channel!.publish(`${round}`).catch(() => database.channel!.publish(`${round}`));
    await expect.poll(() => heard.at(-1)).toBe(`${round}`);
  }
  await subscription.stop();
});

test('a setup whose connection the network forgets fails, in a long statement and between two, and keeps nobody else from it', async () => {
  const others = await openPostgres(direct, { ...limits, lockMs: 5000 });
  opened.push(others);
  const forgotten = await open({ setupIdleMs: 400 });
  const isHeld = async () => {
    const { rowCount } = await admin(`SELECT FROM pg_locks WHERE locktype = 'advisory'`);
    return rowCount === 1;
  };
  for (const statement of ['SELECT pg_sleep(1)', 'SELECT 1']) {
    const failing = timed(
      forgotten.exclusively(async (sql) => {
        const running = statement.includes('sleep') ? sql.query(statement) : undefined;
        await expect.poll(isHeld).toBe(true);
        proxy.stallOpen();
        await (running ?? sql.query(statement));
      }),
    );
    expect((await failing).error).toMatchObject({ code: 'unavailable' });
    await expect(others.exclusively(async () => 'mine')).resolves.toBe('mine');
  }
});

test('a setup waits for another by short tries, for no longer than its limit, whatever statement_timeout is', async () => {
  const { pathname } = new URL(direct);
  await admin(`ALTER DATABASE ${pathname.slice(1)} SET statement_timeout = 100`);
  try {
    const [one, two] = [await open(), await open({ lockMs: 5000 })];
    const order: string[] = [];
    const first = one.exclusively(async (sql) => {
      // the setup itself has no limit of statements
      await sql.query('SELECT pg_sleep(0.4)');
      order.push('one');
    });
    await expect.poll(async () => (await admin(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).rowCount).toBe(1);
    const second = two.exclusively(async () => order.push('two'));
    await Promise.all([first, second]);
    expect(order).toEqual(['one', 'two']);
    const held = one.exclusively(() => new Promise((resolve) => setTimeout(resolve, 1200)));
    await expect.poll(async () => (await admin(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).rowCount).toBe(1);
    const impatient = await open();
    await expect(impatient.exclusively(async () => {})).rejects.toThrow('Another sequencer has been setting up');
    await held;
  } finally {
    await admin(`ALTER DATABASE ${pathname.slice(1)} RESET statement_timeout`);
  }
});

test('a migration lets others pass while a backup holds a lock, and goes on afterwards', async () => {
  const database = await open({ statementMs: 5000 });
  await database.exclusively((sql) => createSchema(sql));
  // the last change of the task table is to come
  const applied = statements.findLastIndex((statement) => statement.startsWith('ALTER TABLE heurist.task '));
  const state = async () => (await admin(`SELECT value FROM heurist.setting WHERE name = 'schema'`)).rows[0].value;
  const whole = await state();
  await admin(`UPDATE heurist.setting SET value = '${applied}' WHERE name = 'schema'`);
  const backup = new pg.Client({ connectionString: direct });
  await backup.connect();
  await backup.query('BEGIN; SELECT FROM heurist.task');
  const impatient = database.exclusively((sql) => createSchema(sql, { lockMs: 50, patienceMs: 0 }));
  await expect(impatient).rejects.toThrow('another session, such as a backup, keeps one locked');
  const migrating = database.exclusively((sql) => createSchema(sql, { lockMs: 150 }));
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { ms, error } = await timed(database.query('SELECT FROM heurist.task'));
    expect([error, ms < 1000]).toEqual([undefined, true]);
  }
  expect(await state()).not.toBe(whole);
  await backup.end();
  await migrating;
  expect(await state()).toBe(whole);
});

test('while an index of a large table is made, tasks are written, and one that was not finished is made anew', async () => {
  const database = await open({ statementMs: 5000 });
  await database.exclusively((sql) => createSchema(sql));
  const isValid = async () =>
    (await admin(`SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('heurist.task_failed')`)).rows[0]
      ?.indisvalid;
  // as if the process that made it had been killed
  await admin(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'heurist.task_failed'::regclass`);
  const applied = statements.findIndex((statement) => statement.includes(' task_failed '));
  await admin(`UPDATE heurist.setting SET value = '${applied}' WHERE name = 'schema'`);
  const write = (sql: { query: (text: string) => Promise<unknown> }) =>
    sql.query(
      `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status)
       VALUES (gen_random_uuid(), 'acme', '', 'echo', 'echo', '{}', 'canceled')`,
    );
  const busy = new pg.Client({ connectionString: direct });
  await busy.connect();
  await busy.query('BEGIN');
  await write(busy);
  const making = database.exclusively((sql) => createSchema(sql, { lockMs: 100 }));
  await expect
    .poll(
      async () =>
        (
          await admin(
            `SELECT FROM pg_stat_activity WHERE query LIKE '% INDEX CONCURRENTLY %' AND wait_event_type = 'Lock'`,
          )
        ).rowCount,
      {
        timeout: 5000,
      },
    )
    .toBe(1);
  const { ms, error } = await timed(write(database));
  expect([error, ms < 1000, await isValid()]).toEqual([undefined, true, false]);
  await busy.query('COMMIT');
  await making;
  expect(await isValid()).toBe(true);
  await busy.end();
});

test('a standby: named when it stays one, waited for when it is promoted, and it costs no connections', async () => {
  const database = await open();
  const subscription = await database.channel!.subscribe(
    () => {},
    () => {},
  );
  await server.restartAsStandby();
  await expect.poll(() => select(database).catch(() => 0), { timeout: 10_000 }).toEqual([{ one: 1 }]);
  await expect(database.query('CREATE TABLE no (n int)')).rejects.toThrow('The database server is read-only');
  await expect(database.query('CREATE TABLE no (n int)')).rejects.toMatchObject({ code: 'unavailable' });
  const refused = await open().catch((error) => error);
  expect(refused).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('is a standby in recovery, and was still after 0.5 seconds. Promote it'),
  });
  // LISTEN was refused some times by now
  await new Promise((resolve) => setTimeout(resolve, 3500));
  const { rows } = await admin(
    `SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE '% events'`,
  );
  expect(rows.length).toBeLessThanOrEqual(1);
  const waiting = open({ standbyMs: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await admin('SELECT pg_promote()');
  expect(await select(await waiting)).toEqual([{ one: 1 }]);
  await subscription.stop();
}, 60_000);
