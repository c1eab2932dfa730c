import { expect, test } from 'vitest';
import { isNestedWithin } from './nesting.ts';

const nested = (levels: number, open = '[', close = ']') =>
  JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`) as unknown;

test.each([0, 1, 2, 100])('%i levels', (levels) => {
  expect([isNestedWithin(nested(levels), levels), isNestedWithin(nested(levels + 1), levels)]).toEqual([true, false]);
  const objects = nested(levels, '{"a":', '}');
  expect([isNestedWithin(objects, levels), levels > 0 && isNestedWithin(objects, levels - 1)]).toEqual([true, false]);
});

test('neither depth nor width fills the stack', () => {
  expect(isNestedWithin(nested(500_000), 100)).toBe(false);
  expect(isNestedWithin(Array(1_000_000).fill(null), 1)).toBe(true);
  expect(isNestedWithin([null, 'a', undefined, []], 2)).toBe(true);
});
