import { whyNoContainer } from '@heurist/test-servers/container';
import { expect, test } from 'vitest';
import { runChaos } from '../src/run.ts';
import { expectPromises, LIMITS } from './expect-promises.ts';

const withoutDisks = whyNoContainer();
const note = withoutDisks ? ` (faults of disks and containers are skipped: ${withoutDisks})` : '';

test(`nor does one with an embedded database in a container${note}`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = await runChaos({
    tasks: 20,
    miners: 3,
    replicas: 1,
    seconds: 16,
    seed,
    database: 'embedded',
    ...LIMITS,
  });
  expectPromises(report, seed);
  expect(report.artifacts).toBeGreaterThan(10);
  if (!withoutDisks)
    expect([...report.faults.keys()]).toEqual(
      expect.arrayContaining(['kill a replica', 'start a second container', 'fill the disk of data']),
    );
}, 240_000);
