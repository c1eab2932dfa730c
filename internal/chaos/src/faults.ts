import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy, NetworkFault } from '@heurist/test-servers/fault-proxy';
import { pick, type Random } from '@heurist/test-servers/random';
import type { Supervised } from './processes.ts';

/** What can go wrong. */
export interface Victims {
  replicas: Supervised[];
  miners: Supervised[];
  proxies: FaultProxy[];
  restartPostgres(): Promise<void>;
}

type Fault = 'kill a miner' | 'kill a replica' | 'restart Postgres' | NetworkFault;

/** How often each happens, relative to the others. */
const WEIGHTS: Record<Fault, number> = {
  'kill a miner': 5,
  'kill a replica': 2,
  'restart Postgres': 1,
  'lose replies': 3,
  'duplicate calls': 3,
  'delay calls': 2,
};
const ALL = Object.entries(WEIGHTS).flatMap(([fault, weight]) => Array<Fault>(weight).fill(fault as Fault));
const FAULT_MS = 1000;

/** Causes one fault after another, a second each, until the signal fires. Resolves with how often each happened. */
export async function makeFaults(victims: Victims, random: Random, signal: AbortSignal): Promise<Map<Fault, number>> {
  const counts = new Map<Fault, number>();
  while (!signal.aborted) {
    const fault = pick(random, ALL);
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
    await Promise.all([make(fault, victims, random), sleep(FAULT_MS)]);
  }
  for (const { faults } of victims.proxies) faults.network = undefined;
  return counts;
}

async function make(fault: Fault, { replicas, miners, proxies, restartPostgres }: Victims, random: Random) {
  if (fault === 'kill a miner') return pick(random, miners).kill();
  if (fault === 'kill a replica') return pick(random, replicas).kill();
  if (fault === 'restart Postgres') return await restartPostgres();
  const { faults } = pick(random, proxies);
  faults.network = fault;
  await sleep(FAULT_MS);
  faults.network = undefined;
}
