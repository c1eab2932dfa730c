import { expect, test } from 'vitest';
import { duration, labelOf, size } from './words.ts';

test.each([
  [-5, '0 s'],
  [1499, '1 s'],
  [59_400, '59 s'],
  [59_500, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_660_000, '1 h 1 min'],
])('%i ms: %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('sizes', () => {
  expect([size(1), size(999_000), size(1_240_000)]).toEqual(['1 kB', '999 kB', '1.2 MB']);
});

test('labels', () => {
  expect([labelOf('negative_prompt'), labelOf('cfg'), labelOf('image')]).toEqual(['Negative prompt', 'CFG', 'Image']);
});
