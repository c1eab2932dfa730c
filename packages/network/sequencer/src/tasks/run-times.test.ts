import { expect, test } from 'vitest';
import { etaSeconds } from './run-times.ts';

const running = { position: undefined, miners: 1, meanMs: 10_000, elapsedMs: 4000, percent: 0 };
const waiting = { position: 0, miners: 2, meanMs: 10_000, elapsedMs: 0, percent: 0 };

test.each([
  ['its own pace, once there is one', { ...running, percent: 50 }, 4],
  ['else what its kind takes', running, 6],
  ['longer than its kind: nobody knows', { ...running, elapsedMs: 12_000 }, undefined],
  ['nothing known of its kind', { ...running, meanMs: undefined }, undefined],
  ['next in line: half a run until a miner is free, and its own', waiting, 15],
  ['two before it, two miners: a round more', { ...waiting, position: 2 }, 25],
  ['nobody runs it', { ...waiting, miners: 0 }, undefined],
  ['the first of its kind', { ...waiting, meanMs: undefined }, undefined],
])('%s', (_, outlook, seconds) => {
  expect(etaSeconds(outlook)).toBe(seconds);
});
