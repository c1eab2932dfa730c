import { expect } from 'vitest';
import type { ChaosReport } from '../src/run.ts';

/** Each fault once, and an end that comes before that of the test and says more. */
export const LIMITS = { repeatsFaults: false, taskSeconds: 120, limitSeconds: 150 };

export function expectPromises(report: ChaosReport, seed: number): void {
  expect(report.problems, `seed ${seed}`).toEqual([]);
  expect(report.webhooks).toBeGreaterThan(0);
  // the faults were real
  expect(report.restarts).toBeGreaterThan(0);
}
