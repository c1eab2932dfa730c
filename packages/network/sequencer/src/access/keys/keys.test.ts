import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../database/database.ts';
import { NOTHING_SET } from '../limits/caller-limits.ts';
import type { KeyRole } from './key-table.ts';
import { Keys } from './keys.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => emptyDatabase(database));
afterAll(() => database.close());

/** Keys, and how often they looked into the database. */
function createKeys(maxCached?: number) {
  const clock = new FakeClock();
  let queries = 0;
  const sql = {
    query: (...args: Parameters<Database['query']>) => {
      queries++;
      return database.query(...args);
    },
  };
  const keys = new Keys(sql, { clock, ...(maxCached !== undefined && { maxCached }) });
  const isValid = async (role: KeyRole, text: string, claimed?: string) => {
    const [owner, key = ''] = text.split('#');
    return await keys.identify(role, key, claimed ?? owner).then(
      () => true,
      () => false,
    );
  };
  return { keys, clock, isValid, queries: () => queries };
}

test('a key identifies its owner, with its limits', async () => {
  const { keys } = createKeys();
  const key = await keys.create('consumer', 'acme', { max_open_tasks: 3, max_tasks_per_minute: 60 });
  expect(key).toMatch(/^acme#[0-9a-f]{64}$/);
  const [, secret = ''] = key.split('#');
  const key_id = expect.any(String);
  const values = { open_tasks: 3, tasks_per_minute: 60 };
  const identity = { role: 'consumer', owner: 'acme', key_id, limits: { shared: values, own: values } };
  expect(await keys.identify('consumer', secret)).toEqual(identity);
  expect(await keys.identify('consumer', secret, null)).toEqual(identity);
  expect(await keys.identify('consumer', secret, 'acme')).toEqual(identity);
  const [, unlimited = ''] = (await keys.create('miner', 'rig')).split('#');
  expect(await keys.identify('miner', unlimited)).toEqual({
    role: 'miner',
    owner: 'rig',
    key_id,
    limits: NOTHING_SET,
  });
});

test('a key is refused for another role, with another owner, and if it does not exist', async () => {
  const { keys, isValid } = createKeys();
  const key = await keys.create('consumer', 'acme');
  expect(await isValid('consumer', key)).toBe(true);
  expect(await isValid('miner', key)).toBe(false);
  expect(await isValid('consumer', key, 'rival')).toBe(false);
  expect(await isValid('consumer', 'acme#0000')).toBe(false);
  await expect(keys.identify('miner', 'x')).rejects.toMatchObject({
    code: 'unauthorized',
    message: 'The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.',
  });
});

test('another key of an owner lifts no limit', async () => {
  const { keys } = createKeys();
  await keys.create('consumer', 'acme', { max_open_tasks: 3 });
  await keys.create('miner', 'acme', { limits: { leases: 1 } });
  const [, second = ''] = (await keys.create('consumer', 'acme', { max_open_tasks: 9 })).split('#');
  const [, third = ''] = (await keys.create('consumer', 'acme')).split('#');
  for (const key of [second, third])
    expect(await keys.identify('consumer', key)).toMatchObject({ limits: { shared: { open_tasks: 3 } } });
});

describe('limits of owners and keys', () => {
  const limitsAt = async (keys: Keys, key: string) => (await keys.identify('consumer', key.split('#')[1] ?? '')).limits;

  test('an owner has its own, which bounds all of its keys and may be higher than theirs', async () => {
    const { keys } = createKeys();
    const narrow = await keys.create('consumer', 'acme', { limits: { open_tasks: 3, streams: 2 } });
    const wide = await keys.create('consumer', 'acme');
    expect(await limitsAt(keys, wide)).toEqual({ shared: { open_tasks: 3, streams: 2 }, own: {} });
    await keys.setLimits({ role: 'consumer', owner: 'acme' }, { open_tasks: 5000 });
    expect(await limitsAt(keys, wide)).toEqual({ shared: { open_tasks: 5000, streams: 2 }, own: {} });
    expect(await limitsAt(keys, narrow)).toEqual({
      shared: { open_tasks: 5000, streams: 2 },
      own: { open_tasks: 3, streams: 2 },
    });
    expect((await keys.list()).map(({ limits }) => limits)).toEqual([
      { open_tasks: { value: 5000, from: 'owner' }, streams: { value: 2, from: 'other_key' } },
      { open_tasks: { value: 3, from: 'key' }, streams: { value: 2, from: 'key' } },
    ]);
    // null takes it back
    await keys.setLimits({ role: 'consumer', owner: 'acme' }, { open_tasks: null });
    expect((await limitsAt(keys, wide)).shared).toEqual({ open_tasks: 3, streams: 2 });
  });

  test('a key is changed after it was made: here at once, at other replicas after a second', async () => {
    const [here, there] = [createKeys(), createKeys()];
    const key = await here.keys.create('consumer', 'acme', { max_open_tasks: 4 });
    expect((await limitsAt(there.keys, key)).own).toEqual({ open_tasks: 4 });
    const [{ key_id } = { key_id: '' }] = await here.keys.list();
    await here.keys.setLimits({ key_id }, { open_tasks: 9, streams: 1 });
    expect((await limitsAt(here.keys, key)).own).toEqual({ open_tasks: 9, streams: 1 });
    expect((await limitsAt(there.keys, key)).own).toEqual({ open_tasks: 4 });
    await there.clock.advance(1001);
    expect((await limitsAt(there.keys, key)).own).toEqual({ open_tasks: 9, streams: 1 });
    // replicas of the version before read the columns
    const columns = 'SELECT max_open_tasks, max_tasks_per_minute FROM heurist.api_key';
    expect(await database.query(columns)).toEqual([{ max_open_tasks: 9, max_tasks_per_minute: null }]);
    await here.keys.setLimits({ key_id }, { open_tasks: null });
    expect((await limitsAt(here.keys, key)).own).toEqual({ streams: 1 });
    expect(await database.query(columns)).toEqual([{ max_open_tasks: null, max_tasks_per_minute: null }]);
  });

  test('another key bounds those that were there before, at once', async () => {
    const { keys } = createKeys();
    const first = await keys.create('consumer', 'acme');
    expect(await limitsAt(keys, first)).toEqual(NOTHING_SET);
    await keys.create('consumer', 'acme', { max_open_tasks: 2 });
    expect((await limitsAt(keys, first)).shared).toEqual({ open_tasks: 2 });
  });

  test.each([
    [{ open_tusks: 1 }, /no limit "open_tusks".*open_tasks, tasks_per_minute, calls_per_minute, text_characters/],
    [{ leases: 1 }, /no limit "leases".*Use one of open_tasks/],
    [{ json_bytes: 1 }, /no limit "json_bytes"/],
    [{ open_tasks: 1.5 }, /`open_tasks` must be a whole number from 1/],
    [{ open_tasks: 0 }, /got 0/],
  ])('%j cannot be set for a consumer', async (limits, message) => {
    const { keys } = createKeys();
    await keys.create('consumer', 'acme');
    const [{ key_id } = { key_id: '' }] = await keys.list();
    const refused = { code: 'invalid_request', message: expect.stringMatching(message) };
    await expect(keys.create('consumer', 'acme', { limits })).rejects.toMatchObject(refused);
    await expect(keys.setLimits({ key_id }, limits)).rejects.toMatchObject(refused);
    await expect(keys.setLimits({ role: 'consumer', owner: 'acme' }, limits)).rejects.toMatchObject(refused);
  });

  test('an operator has no limits', async () => {
    const { keys } = createKeys();
    await expect(keys.create('operator', 'boss', { limits: { open_tasks: 1 } })).rejects.toMatchObject({
      message: expect.stringContaining('None can be set for this role.'),
    });
  });

  test('an owner without keys of this role, or a key that does not exist, is not found', async () => {
    const { keys } = createKeys();
    await keys.create('miner', 'acme');
    await expect(keys.setLimits({ role: 'consumer', owner: 'acme' }, { streams: 1 })).rejects.toMatchObject({
      code: 'not_found',
      message: 'acme has no consumer key. Create one first, or check the name.',
    });
    for (const key_id of ['nonsense', crypto.randomUUID()])
      await expect(keys.setLimits({ key_id }, { streams: 1 })).rejects.toMatchObject({ code: 'not_found' });
  });
});

test('a key is known once it was valid, and no longer when it is revoked', async () => {
  const { keys, isValid } = createKeys();
  const key = await keys.create('consumer', 'acme');
  const [, secret = ''] = key.split('#');
  expect(keys.isKnown(secret)).toBe(false);
  await isValid('consumer', key);
  await isValid('consumer', 'x#wrong');
  expect([keys.isKnown(secret), keys.isKnown('wrong')]).toEqual([true, false]);
  const [{ key_id } = { key_id: '' }] = await keys.list();
  await keys.revoke(key_id);
  await isValid('consumer', key);
  expect(keys.isKnown(secret)).toBe(false);
});

test('only a hash is stored', async () => {
  const { keys } = createKeys();
  const [, secret = ''] = (await keys.create('consumer', 'acme')).split('#');
  expect(JSON.stringify(await database.query('SELECT * FROM heurist.api_key'))).not.toContain(secret);
});

test.each(['', 'with-dash', 'with#hash', 'a b', 'ü', 'x'.repeat(101)])('"%s" cannot own a key', async (owner) => {
  const { keys } = createKeys();
  await expect(keys.create('consumer', owner)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining(`"${owner}" cannot own a key`),
  });
});

test.each(['x'.repeat(100), 'a', 'Me_1.2:3'])('"%s" can', async (owner) => {
  expect(await createKeys().keys.create('consumer', owner)).toContain(`${owner}#`);
});

test('keys are listed newest first, without limits that they do not have', async () => {
  const { keys } = createKeys();
  await keys.create('consumer', 'older', { max_open_tasks: 7 });
  await database.query(`UPDATE heurist.api_key SET created_at = '2026-01-02T03:04:05Z'`);
  await keys.create('consumer', 'newer', { max_tasks_per_minute: 9 });
  const key_id = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(await keys.list()).toEqual([
    {
      key_id,
      role: 'consumer',
      owner: 'newer',
      created_at: expect.any(String),
      max_tasks_per_minute: 9,
      limits: { tasks_per_minute: { value: 9, from: 'key' } },
    },
    {
      key_id,
      role: 'consumer',
      owner: 'older',
      created_at: '2026-01-02T03:04:05.000Z',
      max_open_tasks: 7,
      limits: { open_tasks: { value: 7, from: 'key' } },
    },
  ]);
});

test('a revoked key is refused here at once, at other replicas after a second', async () => {
  const [here, there] = [createKeys(), createKeys()];
  const key = await here.keys.create('consumer', 'acme');
  expect([await here.isValid('consumer', key), await there.isValid('consumer', key)]).toEqual([true, true]);
  const [{ key_id } = { key_id: '' }] = await here.keys.list();
  await here.keys.revoke(key_id);
  expect(await here.isValid('consumer', key)).toBe(false);
  await there.clock.advance(1000);
  expect(await there.isValid('consumer', key)).toBe(true);
  await there.clock.advance(1);
  expect(await there.isValid('consumer', key)).toBe(false);
});

test.each(['nonsense', crypto.randomUUID()])('there is nothing to revoke: %s', async (key_id) => {
  await expect(createKeys().keys.revoke(key_id)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining(key_id),
  });
});

test('callers within a second share one look; of a full cache the least recently used key goes', async () => {
  const { keys, isValid, queries } = createKeys(2);
  const [a, b, c] = [
    await keys.create('consumer', 'a'),
    await keys.create('consumer', 'b'),
    await keys.create('consumer', 'c'),
  ];
  const looks = async (key: string) => {
    const before = queries();
    expect(await isValid('consumer', key)).toBe(true);
    return queries() - before;
  };
  expect([await looks(a), await looks(b), await looks(a)]).toEqual([1, 1, 0]);
  // b was used before a: c takes its place
  expect(await looks(c)).toBe(1);
  expect([await looks(a), await looks(c), await looks(b)]).toEqual([0, 0, 1]);
});

test('invalid keys do not fill the memory', async () => {
  const { isValid, queries } = createKeys();
  for (let count = 0; count <= 50_000; count += 1000)
    await Promise.all(Array.from({ length: 1000 }, (_, index) => isValid('consumer', `x#${count + index}`)));
  const before = queries();
  // the newest 50,000 are remembered, the first 1000 are not
  await isValid('consumer', 'x#50999');
  await isValid('consumer', 'x#1000');
  expect(queries() - before).toBe(0);
  await isValid('consumer', 'x#999');
  expect(queries() - before).toBe(1);
});

test.each([
  ['miner', { max_open_tasks: 5 }, 'open_tasks'],
  ['operator', { max_tasks_per_minute: 5 }, 'tasks_per_minute'],
] as const)('a limit that a %s does not have is refused, not ignored: %j', async (role, limits, name) => {
  const { keys } = createKeys();
  await expect(keys.create(role, 'x', limits)).rejects.toThrow(`There is no limit "${name}" that can be set here.`);
});
