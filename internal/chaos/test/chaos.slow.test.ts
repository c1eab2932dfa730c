import { expect, test } from 'vitest';
import { runChaos } from '../src/run.ts';
import { expectPromises, LIMITS } from './expect-promises.ts';

test('a network in which something breaks every second loses nothing and does nothing twice', {
  timeout: 240_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = await runChaos({ tasks: 40, miners: 4, replicas: 2, seconds: 15, seed, ...LIMITS });
  expectPromises(report, seed);
  expect(report.artifacts).toBeGreaterThan(20);
  expect([...report.faults.keys()]).toEqual(
    expect.arrayContaining(['kill a replica', 'fail over', 'stall the database', 'lose database connections']),
  );
});
