import { expect, test } from 'vitest';
import { isSameJson } from './same-json.ts';

test.each<[one: unknown, other: unknown, isSame: boolean]>([
  [{ a: 1, b: [2, null] }, { b: [2, null], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [null, {}, false],
  ['1', 1, false],
  [{ a: undefined }, { b: undefined }, false],
])('%j and %j: %s', (one, other, isSame) => {
  expect(isSameJson(one, other)).toBe(isSame);
});

test('a value of 100,000 levels takes no stack', () => {
  const deep = () => {
    let value: unknown = 1;
    for (let level = 0; level < 100_000; level++) value = [value];
    return value;
  };
  expect(isSameJson(deep(), deep())).toBe(true);
});
