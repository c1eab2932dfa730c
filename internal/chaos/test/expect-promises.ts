import { expect } from 'vitest';
import type { ChaosReport } from '../src/run.ts';

export function expectPromises(report: ChaosReport, seed: number): void {
  expect(report.problems, `seed ${seed}`).toEqual([]);
  expect(report.webhooks).toBeGreaterThan(0);
  // the faults were real
  expect(report.restarts).toBeGreaterThan(0);
}
