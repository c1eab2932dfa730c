import { expect, test } from 'vitest';
import { runChaos } from '../src/run.ts';

test('a network in which something breaks every second loses nothing and does nothing twice', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = await runChaos({ tasks: 50, miners: 6, replicas: 2, seconds: 15, seed });
  expect(report.problems, `seed ${seed}`).toEqual([]);
  expect(report.artifacts).toBeGreaterThan(25);
  // the faults were real
  expect(report.restarts).toBeGreaterThan(0);
}, 180_000);
