import { expect, test } from 'vitest';
import { grouped } from './grouped.ts';

test('calls of one moment share a run, later ones the next', async () => {
  const groups: (readonly number[])[] = [];
  const double = grouped(async (items: readonly number[]) => {
    groups.push(items);
    await new Promise(setImmediate);
    return items.map((item) => 2 * item);
  });
  const first = [double(1), double(2)];
  await new Promise(setImmediate);
  const second = [double(3), double(4)];
  expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8]);
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ]);
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
