import { whyNoContainer } from '@heurist/test-servers/container';
import { expect, test } from 'vitest';
import { FAULTS } from '../src/faults/index.ts';
import { runChaos } from '../src/run.ts';
import { expectPromises, LIMITS } from './expect-promises.ts';

const withoutDisks = whyNoContainer();
const note = withoutDisks ? ` (without the faults of disks and containers: ${withoutDisks})` : '';
/** The others happen in chaos.slow.test.ts. */
const names = withoutDisks
  ? ['kill a replica']
  : ['kill a replica', 'start a second container', 'fill the disk of data'];

test(`nor does one with an embedded database in a container${note}`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const faults = FAULTS.filter(({ name }) => names.includes(name));
  const sizes = { tasks: 16, miners: 2, replicas: 1, seconds: 8 };
  const report = await runChaos({ ...sizes, ...LIMITS, seed, faults, database: 'embedded' });
  expectPromises(report, seed);
  expect(report.artifacts).toBeGreaterThan(8);
  expect([...report.faults.keys()].sort()).toEqual(names.toSorted());
}, 240_000);
