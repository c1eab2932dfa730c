import { expect, test } from 'vitest';
import { secondsLeft } from './seconds-left.ts';

const MINUTE = 60_000;
const after = (minutes: number, freeBytes: number) => ({ at: minutes * MINUTE, freeBytes });

test('at the pace since the oldest sample', () => {
  expect(secondsLeft([after(0, 1000), after(30, 1000)], after(60, 900))).toBe(9 * 3600);
  expect(secondsLeft([after(0, 1000)], after(60, 0))).toBe(0);
});

test.each([
  ['no sample', [], after(60, 900)],
  ['samples that are too young', [after(0, 1000)], after(29, 900)],
  ['as much as before', [after(0, 1000)], after(60, 1000)],
  ['more than before', [after(0, 1000)], after(60, 1100)],
])('%s: nobody knows', (_, samples, now) => {
  expect(secondsLeft(samples, now)).toBeUndefined();
});
