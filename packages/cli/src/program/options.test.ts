import { expect, test } from 'vitest';
import { size } from './options.ts';

test.each([
  ['0', 0],
  ['1234', 1234],
  ['500MB', 5e8],
  ['1.5 GB', 1.5e9],
  ['2tb', 2e12],
  ['1GiB', 2 ** 30],
  ['3kB', 3000],
])('%s is %i bytes', (text, bytes) => {
  expect(size(text)).toBe(bytes);
});

test.each(['', 'GB', '-1GB', '10%', '1e9', '1 G', '9999999TB', '5 MB 3'])('"%s" is refused', (text) => {
  expect(() => size(text)).toThrow(`"${text}" is not a size. Use bytes, or a unit as in 500MB, 1.5GB or 2TB.`);
});
