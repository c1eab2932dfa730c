import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { batch, inOrder } from './batch.ts';

test('one call runs at once; calls that come meanwhile share the next batch', async () => {
  const batches: (readonly number[])[] = [];
  const double = batch(async (items: readonly number[]) => {
    batches.push(items);
    await sleep(20);
    return items.map((item) => 2 * item);
  });
  const first = double(1);
  await sleep(10);
  expect(batches).toEqual([[1]]);
  expect(await Promise.all([first, double(2), double(3), double(4)])).toEqual([2, 4, 6, 8]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test('a call that fails does not fail the others', async () => {
  const check = batch(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('a bad one');
    return items;
  });
  const results = await Promise.allSettled(['a', 'bad', 'b'].map(check));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await check('c')).toBe('c');
});

test('while nothing can be served, the calls of a batch fail together and do not wait for each other', async () => {
  const sizes: number[] = [];
  const outage = Object.assign(new Error('away'), { code: 'unavailable' });
  const ask = batch(async (items: readonly number[]): Promise<number[]> => {
    sizes.push(items.length);
    throw outage;
  });
  const results = await Promise.allSettled([1, 2, 3, 4].map(ask));
  expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual(Array(4).fill(outage));
  // together, then one alone: had it worked, the others would have gone on
  expect(sizes).toEqual([4, 1]);
});

test('a batch has a largest size', async () => {
  const sizes: number[] = [];
  const echo = batch(
    async (items: readonly number[]) => {
      sizes.push(items.length);
      return items;
    },
    { maxSize: 3 },
  );
  const items = [1, 2, 3, 4, 5, 6, 7];
  expect(await Promise.all(items.map(echo))).toEqual(items);
  expect(sizes).toEqual([3, 3, 1]);
});

test('rows are put into the order of their keys', () => {
  const rows = [{ id: 'b' }, { id: 'a' }];
  expect(inOrder(['a', 'x', 'b'], rows, ({ id }) => id)).toEqual([{ id: 'a' }, undefined, { id: 'b' }]);
});
