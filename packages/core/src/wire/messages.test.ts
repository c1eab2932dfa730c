import { expect, test } from 'vitest';
import { got, mustBe } from './messages.ts';

test.each([
  [undefined, ''],
  [3, ' (got 3)'],
  [Number.NaN, ' (got NaN)'],
  [true, ' (got true)'],
  [null, ' (got null)'],
  ['', ' (got "")'],
  ['a "b"\n', ' (got "a \\"b\\"\\n")'],
  ['x'.repeat(60), ` (got "${'x'.repeat(60)}")`],
  ['x'.repeat(61), ` (got "${'x'.repeat(60)}...")`],
  [[1], ' (got an array)'],
  [{ a: 1 }, ' (got an object)'],
])('a wrong value %j is shown as%s', (value, text) => {
  expect(got(value)).toBe(text);
});

test('a field that is missing is said to be required', () => {
  const message = mustBe('a number');
  expect(message({ input: undefined })).toBe('is required (a number)');
  expect(message({ input: '3' })).toBe('must be a number (got "3")');
});
