import { expect, test } from 'vitest';
import { describeModels } from './describe-models.ts';

test.each([
  [{ warm: 19, cold: 1, switches: 2, load_ms: 20_100 }, '95 % of 20 tasks, 2 loads of 20 s'],
  [{ warm: 1, cold: 0, switches: 0 }, '100 % of 1 task'],
  // of miners that measure, and do not say what they hold
  [{ warm: 0, cold: 0, switches: 1, load_ms: 900 }, '1 load of 1 s'],
  [{ warm: 0, cold: 0, switches: 0 }, ''],
])('%j is shown as %j', (models, expected) => {
  expect(describeModels(models)).toBe(expected);
});
