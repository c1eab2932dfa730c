import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { grouped } from './batch.ts';

test('one call runs at once; what comes meanwhile shares the next run', async () => {
  const groups: (readonly number[])[] = [];
  const double = grouped(async (items: readonly number[]) => {
    groups.push(items);
    await sleep(20);
    return items.map((item) => 2 * item);
  });
  const first = double(1);
  await sleep(10);
  expect(groups).toEqual([[1]]);
  expect(await Promise.all([first, double(2), double(3), double(4)])).toEqual([2, 4, 6, 8]);
  expect(groups).toEqual([[1], [2, 3, 4]]);
});

test('one that fails does not fail the others', async () => {
  const check = grouped(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('a bad one');
    return items;
  });
  const results = await Promise.allSettled(['a', 'bad', 'b'].map(check));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await check('c')).toBe('c');
});
