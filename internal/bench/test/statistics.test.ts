import { expect, test } from 'vitest';
import { summarize } from '../support/statistics.ts';

test.for([
  [[3], 3],
  [[3, 1, 2], 2],
  // of two in the middle, neither is chosen
  [[10, 1, 3, 2], 2.5],
] as const)('the median of %j is %d', ([values, median]) => {
  expect(summarize([...values]).median).toBe(median);
});
