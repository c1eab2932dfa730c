// When keys end, what takes their place, and when they were used last.
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../database/database.ts';
import { Keys } from './keys.ts';

let database: Database;
let clock: FakeClock;
let keys: Keys;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  await emptyDatabase(database);
  clock = new FakeClock(Date.now());
  keys = new Keys(database, { clock });
});
afterAll(() => database.close());

const inSeconds = (seconds: number) => new Date(clock.now() + seconds * 1000).toISOString();
/** `ok`, or why the key is refused. */
const look = (key: string, owner?: string) =>
  keys.find(key.split('#')[1] ?? '', owner).then(
    () => 'ok',
    ({ message }: Error) => message,
  );
const idOf = async (owner: string) => (await keys.list()).find((key) => key.owner === owner)!.key_id;

describe('a key that expires', () => {
  test('is good to the millisecond, and then says since when', async () => {
    const expires_at = inSeconds(60);
    const key = await keys.create('consumer', 'acme', { expires_at });
    const key_id = await idOf('acme');
    await clock.advance(59_999);
    expect(await look(key)).toBe('ok');
    expect(await keys.identifyById(key_id)).toMatchObject({ owner: 'acme' });
    await clock.advance(1);
    expect(await look(key)).toBe(`The API key expired at ${expires_at}. Ask the operator for a new key.`);
    await expect(keys.identify('consumer', key.split('#')[1]!)).rejects.toMatchObject({ code: 'unauthorized' });
    // who does not have the whole of it learns nothing
    expect(await look(key, 'rival')).toMatch(/^The API key is not valid/);
    expect(await keys.identifyById(key_id)).toBeUndefined();
    expect(keys.isKnown(key.split('#')[1]!)).toBe(false);
    expect((await keys.list())[0]).toMatchObject({ owner: 'acme', expires_at });
  });

  test('can be given more time, or all of it', async () => {
    const key = await keys.create('consumer', 'acme', { expires_at: inSeconds(60) });
    await keys.setEnd(await idOf('acme'), inSeconds(120));
    await clock.advance(60_000);
    expect(await look(key)).toBe('ok');
    await keys.setEnd(await idOf('acme'), null);
    await clock.advance(60_000_000);
    expect(await look(key)).toBe('ok');
  });

  test('cannot have ended before it begins', async () => {
    await keys.create('consumer', 'acme');
    const refused = { code: 'invalid_request', message: expect.stringContaining('`expires_at` must be in the future') };
    await expect(keys.create('consumer', 'acme', { expires_at: inSeconds(0) })).rejects.toMatchObject(refused);
    await expect(keys.setEnd(await idOf('acme'), inSeconds(-1))).rejects.toMatchObject(refused);
    await expect(keys.setEnd(crypto.randomUUID(), null)).rejects.toMatchObject({ code: 'not_found' });
    await expect(keys.setEnd('nonsense', null)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('bounds the others no longer, and is forgotten after a month', async () => {
    await keys.create('consumer', 'acme', { max_open_tasks: 1, expires_at: inSeconds(60) });
    const other = await keys.create('consumer', 'acme');
    const shared = async () => (await keys.find(other.split('#')[1]!)).limits.shared;
    expect(await shared()).toEqual({ open_tasks: 1 });
    const expire = (days: number) =>
      database.query(
        `UPDATE heurist.api_key SET valid_until = now() - $1 * interval '1 day' WHERE max_open_tasks IS NOT NULL`,
        [days],
      );
    await expire(29);
    keys.forget();
    expect(await shared()).toEqual({});
    await keys.sweep();
    expect(await keys.list()).toHaveLength(2);
    await expire(31);
    await keys.sweep();
    expect(await keys.list()).toMatchObject([{ owner: 'acme' }]);
  });
});

describe('rotated', () => {
  test('both keys are good for the overlap, then only the new one, which has the same limits', async () => {
    const old = await keys.create('consumer', 'acme', { max_open_tasks: 3, limits: { streams: 2 } });
    const { key, key_id, old_expires_at } = await keys.rotate(await idOf('acme'), 60);
    expect(old_expires_at).toBe(inSeconds(60));
    expect(key).toMatch(/^acme#[0-9a-f]{64}$/);
    await clock.advance(59_999);
    expect([await look(old), await look(key)]).toEqual(['ok', 'ok']);
    expect(await keys.identify('consumer', key.split('#')[1]!)).toMatchObject({
      key_id,
      limits: { own: { open_tasks: 3, streams: 2 } },
    });
    await clock.advance(1);
    expect([await look(old), await look(key)]).toEqual([expect.stringContaining('expired'), 'ok']);
  });

  test('without an overlap the old one ends at once', async () => {
    const old = await keys.create('miner', 'rig');
    await keys.rotate(await idOf('rig'), 0);
    expect(await look(old)).toContain('expired');
  });

  test('the new one ends when the old one would have, or as it is said; the old one never lasts longer', async () => {
    const [ends, later] = [inSeconds(60), inSeconds(600)];
    await keys.create('consumer', 'acme', { expires_at: ends });
    const key_id = await idOf('acme');
    const same = await keys.rotate(key_id, 3600);
    expect(same).toMatchObject({ expires_at: ends, old_expires_at: ends });
    const longer = await keys.rotate(key_id, 3600, later);
    const lasting = await keys.rotate(key_id, 3600, null);
    expect([longer.expires_at, lasting.expires_at]).toEqual([later, undefined]);
    const ends_at = async (id: string) => (await keys.list()).find((key) => key.key_id === id)?.expires_at;
    expect([await ends_at(same.key_id), await ends_at(longer.key_id), await ends_at(lasting.key_id)]).toEqual([
      ends,
      later,
      undefined,
    ]);
    await clock.advance(60_000);
    await expect(keys.rotate(key_id, 60)).rejects.toMatchObject({
      code: 'invalid_request',
      message: `The key ${key_id} has expired. Create a new key.`,
    });
    await expect(keys.rotate(crypto.randomUUID(), 60)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an operator who is alone can rotate its key; one that does not expire always stays', async () => {
    await keys.create('operator', 'boss');
    const old = await idOf('boss');
    const last = { code: 'forbidden', message: expect.stringMatching(/is the last operator key.*Create another/) };
    await expect(keys.setEnd(old, inSeconds(60))).rejects.toMatchObject(last);
    await expect(keys.rotate(old, 60, inSeconds(600))).rejects.toMatchObject(last);
    const { key_id } = await keys.rotate(old, 60);
    await expect(keys.revoke(key_id)).rejects.toMatchObject(last);
    await keys.revoke(old);
  });
});

describe('the last use of a key', () => {
  const usedAt = async () => (await keys.list())[0]?.used_at;

  test('is known to the minute, and written once a minute', async () => {
    const key = await keys.create('consumer', 'acme');
    expect(await usedAt()).toBeUndefined();
    await look('acme#wrong');
    expect(await usedAt()).toBeUndefined();
    const first = inSeconds(0);
    await look(key);
    expect(await usedAt()).toBe(first);
    await clock.advance(59_000);
    await look(key);
    expect(await usedAt()).toBe(first);
    await clock.advance(1000);
    await look(key);
    expect(await usedAt()).toBe(inSeconds(0));
  });

  test('many uses of many keys are one statement; none are no statement', async () => {
    let queries = 0;
    const sql = {
      query: (...args: Parameters<Database['query']>) => {
        if (args[0].includes('used_at =')) queries++;
        return database.query(...args);
      },
    };
    keys = new Keys(sql, { clock });
    const all = [await keys.create('consumer', 'a'), await keys.create('miner', 'b')];
    for (let count = 0; count < 50; count++) await Promise.all(all.map((key) => look(key)));
    expect(queries).toBe(0);
    await keys.sweep();
    await keys.sweep();
    expect(queries).toBe(1);
    expect((await keys.list()).map(({ used_at }) => used_at)).toEqual([inSeconds(0), inSeconds(0)]);
  });
});
