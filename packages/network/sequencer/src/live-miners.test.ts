import { expect, test } from 'vitest';
import { LiveMiners } from './live-miners.ts';

test('a workflow that nobody runs is told of, once miners have had time to come', () => {
  let now = 0;
  const miners = new LiveMiners(() => now);
  expect(miners.warningFor('sdxl')).toBeUndefined();
  now = 20_000;
  expect(miners.warningFor('sdxl')).toContain('sdxl');
  miners.offers('a', ['sdxl', 'svd']);
  expect([miners.warningFor('sdxl'), miners.warningFor('svd')]).toEqual([undefined, undefined]);
  expect(miners.warningFor('mochi')).toBeDefined();
});

test('a miner that falls silent does not count, one that works does', () => {
  let now = 0;
  const miners = new LiveMiners(() => now);
  miners.offers('idle', ['sdxl']);
  miners.offers('busy', ['svd']);
  now = 80_000;
  miners.isAtWork('busy');
  now = 120_000;
  expect(miners.warningFor('sdxl')).toBeDefined();
  expect(miners.warningFor('svd')).toBeUndefined();
  miners.leaves('busy');
  expect(miners.warningFor('svd')).toBeDefined();
});
