// Keys are held in memory while news come: whoever changes one, and whatever becomes of the news, it is refused within two seconds.
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { startTcpProxy, type TcpProxy } from '@heurist/test-servers/tcp-proxy';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Keys } from '../src/access/keys/keys.ts';
import { createSharedBus, type SharedBus } from '../src/bus/shared-bus.ts';
import type { Database, Sql } from '../src/database/database.ts';
import { openPostgres } from '../src/database/postgres-database.ts';
import { POSTGRES_LIMITS } from '../src/database/postgres-limits.ts';
import { createSchema } from '../src/database/schema.ts';

/** What is promised: in docs/protocol.md. */
const WITHIN_MS = 2000;

let server: TestServer;
let url: string;
let proxy: TcpProxy;
let database: Database;
let bus: SharedBus;
/** Somebody with the database's password: an operator, a replica of another version, a script. */
let admin: pg.Client;
let keys: Keys;
let looks: number;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  database = await openPostgres(url);
  await database.exclusively((sql) => createSchema(sql));
});
beforeEach(async () => {
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query('DELETE FROM heurist.api_key; DELETE FROM heurist.owner_limit');
  proxy = await startTcpProxy({ port: Number(new URL(url).port) });
  // news alone come through the proxy; what asks whether the connection works waits long, as in real life
  const line = await openPostgres(url.replace(/:\d+\//, `:${proxy.port}/`), POSTGRES_LIMITS);
  bus = await createSharedBus(line.channel!, () => {});
  closing.push(() => line.close());
  looks = 0;
  const counted: Sql = {
    query(text, values) {
      if (text.includes('FROM heurist.api_key AS key WHERE hash')) looks++;
      return database.query(text, values);
    },
  };
  keys = new Keys(counted, { news: bus });
  await expect.poll(() => bus.isUp()).toBe(true);
});
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await bus.stop();
  await Promise.all(closing.splice(0).map((close) => close()));
  await admin.end();
  await proxy.stop();
});
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

/** A key that another replica made, with the id by which it is changed there. */
async function createKey(owner = 'rig') {
  const { key, key_id } = await new Keys(database).createWithId('miner', owner);
  const [, secret = ''] = key.split('#');
  // the news that it was made have passed
  await wait(150);
  const isValid = () =>
    keys.find(secret).then(
      () => true,
      () => false,
    );
  return { key_id, secret, isValid };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is refused. Returns how long that took. */
async function untilRefused(isValid: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while ((await isValid()) && performance.now() - start < 10_000) await wait(20);
  return performance.now() - start;
}

test('a key in use is looked up once', async () => {
  const { isValid } = await createKey();
  await wait(100);
  const before = looks;
  for (let round = 0; round < 6; round++) {
    expect(await isValid()).toBe(true);
    await wait(500);
  }
  expect(looks - before).toBe(1);
});

test.each([
  ['another replica', (key_id: string) => new Keys(database).revoke(key_id)],
  ['a statement by hand', (key_id: string) => admin.query('DELETE FROM heurist.api_key WHERE key_id = $1', [key_id])],
  [
    'an end that is set',
    (key_id: string) => admin.query('UPDATE heurist.api_key SET valid_until = now() WHERE key_id = $1', [key_id]),
  ],
  ['an emptied table', () => admin.query('TRUNCATE heurist.api_key')],
])('a key that ends by %s is refused at once, by news', async (_, end) => {
  const { key_id, isValid } = await createKey();
  expect(await isValid()).toBe(true);
  await end(key_id);
  expect(await untilRefused(isValid)).toBeLessThan(1000);
});

test('news come when the change is committed, and not before', async () => {
  const { key_id, isValid } = await createKey();
  expect(await isValid()).toBe(true);
  await admin.query('BEGIN');
  await admin.query('DELETE FROM heurist.api_key WHERE key_id = $1', [key_id]);
  await wait(200);
  expect(await isValid()).toBe(true);
  await admin.query('COMMIT');
  expect(await untilRefused(isValid)).toBeLessThan(1000);
});

test('a limit that is changed, of the key or of its owner, is in force', async () => {
  const { key_id, secret } = await createKey();
  const other = await createKey('other');
  const leases = async () => (await keys.find(secret)).limits.shared.leases;
  expect([await leases(), await other.isValid()]).toEqual([undefined, true]);
  const there = new Keys(database);
  await there.setLimits({ role: 'miner', owner: 'rig' }, { leases: 7 });
  await expect.poll(leases, { timeout: 1000 }).toBe(7);
  await there.setLimits({ role: 'miner', owner: 'rig' }, { leases: null });
  await there.setLimits({ key_id }, { leases: 3 });
  await expect.poll(leases, { timeout: 1000 }).toBe(3);
  const before = looks;
  // that of another owner stayed where it was
  expect(await other.isValid()).toBe(true);
  expect(looks).toBe(before);
});

test('that a key was used is no change', async () => {
  const { key_id, isValid } = await createKey();
  await isValid();
  const before = looks;
  await admin.query('UPDATE heurist.api_key SET used_at = now() WHERE key_id = $1', [key_id]);
  await wait(200);
  expect([await isValid(), looks - before]).toEqual([true, 0]);
});

test('a new key is known at once, though it was asked for before', async () => {
  const secret = '5'.repeat(64);
  await expect(keys.find(secret)).rejects.toMatchObject({ code: 'unauthorized' });
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  await admin.query(`INSERT INTO heurist.api_key (hash, role, owner) VALUES ($1, 'miner', 'rig')`, [
    Buffer.from(hash).toString('hex'),
  ]);
  await expect
    .poll(
      () =>
        keys.find(secret).then(
          ({ owner }) => owner,
          () => '',
        ),
      { timeout: 900 },
    )
    .toBe('rig');
});

test.each(['stallOpen', 'resetOpen'] as const)(
  'if news are lost (%s), a revoked key is refused within two seconds',
  async (fault) => {
    const { key_id, isValid } = await createKey();
    expect(await isValid()).toBe(true);
    await wait(1200);
    expect(await isValid()).toBe(true);
    // the moment after the connection was seen to work
    proxy[fault]();
    await new Keys(database).revoke(key_id);
    expect(await untilRefused(isValid)).toBeLessThan(WITHIN_MS);
  },
);

test('while no news come, keys are looked up every second; afterwards, what was missed counts', async () => {
  const [kept, ended] = [await createKey(), await createKey()];
  expect([await kept.isValid(), await ended.isValid()]).toEqual([true, true]);
  proxy.setMode('refuse');
  proxy.resetOpen();
  await expect.poll(() => bus.isUp()).toBe(false);
  const before = looks;
  for (let round = 0; round < 5; round++) {
    expect(await kept.isValid()).toBe(true);
    await wait(600);
  }
  expect(looks - before).toBeGreaterThanOrEqual(2);
  await new Keys(database).revoke(ended.key_id);
  proxy.setMode('pass');
  expect(await untilRefused(ended.isValid)).toBeLessThan(WITHIN_MS);
  await expect.poll(() => bus.isUp(), { timeout: 20_000 }).toBe(true);
  expect([await kept.isValid(), await ended.isValid()]).toEqual([true, false]);
});
