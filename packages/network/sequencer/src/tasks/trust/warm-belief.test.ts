import { expect, test } from 'vitest';
import { DOUBTED, judgeWarmRun } from './warm-belief.ts';

const usual = { load_ms: 20_000, slow_ms: 5000 };

test.each([
  ['a quick run', { held_ms: 4000, load_ms: 0 }, -1],
  ['a slow one', { held_ms: 14_000, load_ms: 0 }, -1],
  ['one that takes as long as a load, whatever the miner says', { held_ms: 24_000, load_ms: 0 }, 2],
  ['the same of a miner that does not say', { held_ms: 24_000, load_ms: null }, 2],
  ['one that was cold, as the miner says itself', { held_ms: 6000, load_ms: 19_000 }, 2],
])('%s', (_, run, change) => {
  expect(judgeWarmRun(run, usual)).toBe(change);
});

test('nothing is judged where loads are short, or not known', () => {
  const run = { held_ms: 60_000, load_ms: 0 };
  expect(judgeWarmRun(run, undefined)).toBe(0);
  expect(judgeWarmRun(run, { slow_ms: 1 })).toBe(0);
  expect(judgeWarmRun(run, { load_ms: 999, slow_ms: 1 })).toBe(0);
  expect(judgeWarmRun(run, { load_ms: 20_000 })).toBe(0);
});

test('one that is always cold is doubted after four runs, one that is cold a third of the time never', () => {
  const after = (runs: number[]) => runs.reduce((doubt, change) => Math.max(0, doubt + change), 0);
  expect(after([2, 2, 2, 2])).toBeGreaterThanOrEqual(DOUBTED);
  expect(after([2, 2, 2])).toBeLessThan(DOUBTED);
  expect(after(Array(30).fill([2, -1, -1]).flat())).toBeLessThan(DOUBTED);
});
