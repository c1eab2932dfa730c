import { setTimeout } from 'node:timers/promises';
import { sleep } from '@heurist/server-kit/sleep';
import { pick, type Random } from '@heurist/test-servers/random';
import type { Network } from '../network.ts';
import type { Pause } from '../verdict/turns.ts';
import { FAULT_MS, type Fault } from './fault.ts';

/** What was broken. */
export interface Broken {
  /** How often each happened. */
  counts: Map<string, number>;
  /** What should not have happened while something was broken. */
  problems: string[];
  /** Times in which tasks may pass each other. */
  pauses: Pause[];
  /** Each fault, with when it began and ended. */
  log: string[];
}

/** A transaction that a fault ends may have begun so long before. */
const BEFORE_MS = 500;
/** In which a fault must end, on a machine that is busy. */
const LIMIT_MS = 120_000;

/**
 * Causes one fault after another, about one a second, until the signal fires: each of them once, in any order, and from then
 * on by weight, or none if they do not repeat.
 */
export async function makeFaults(
  all: readonly Fault[],
  network: Network,
  random: Random,
  { signal, repeats }: { signal: AbortSignal; repeats: boolean },
): Promise<Broken> {
  const faults = all.filter(({ canHappen }) => canHappen?.(network) ?? true);
  const firsts = shuffle(faults, random);
  const weighted = repeats ? faults.flatMap((fault) => Array<Fault>(fault.weight).fill(fault)) : [];
  const broken: Broken = { counts: new Map(), problems: [], pauses: [], log: [] };
  while (!signal.aborted && (firsts.length || weighted.length)) {
    const fault = firsts.pop() ?? pick(random, weighted);
    await Promise.all([cause(fault, network, random, broken), sleep(FAULT_MS, signal)]);
  }
  return broken;
}

async function cause(fault: Fault, network: Network, random: Random, broken: Broken): Promise<void> {
  const { name, pauseMs, hangMs } = fault;
  broken.counts.set(name, (broken.counts.get(name) ?? 0) + 1);
  const from = Date.now();
  try {
    const problem = await Promise.race([fault.cause(network, random), complainLate(name)]);
    if (problem) broken.problems.push(problem);
  } catch (error) {
    broken.problems.push(`"${name}" could not be caused: ${(error as Error).message}`);
  }
  const times = [from, Date.now()].map((time) => new Date(time).toISOString().slice(11, 23));
  broken.log.push(`${times.join(' to ')}: ${name}`);
  if (pauseMs) broken.pauses.push({ from: from - BEFORE_MS, to: Date.now() + pauseMs });
  if (hangMs) broken.pauses.push({ from: from - BEFORE_MS, to: Date.now() + hangMs, tasks: await readHeld(network) });
}

/** Otherwise one that hangs would hang the run. */
async function complainLate(name: string): Promise<string> {
  await setTimeout(LIMIT_MS, undefined, { ref: false });
  return `"${name}" did not end within ${LIMIT_MS / 1000} s`;
}

/** Waiting tasks whose jobs are locked by a transaction that has not ended. */
async function readHeld({ ledger }: Network): Promise<Set<string>> {
  const rows = await ledger.query<{ id: string }>(
    `SELECT id FROM pgboss.job WHERE state < 'active' AND xmax <> 0 AND pg_xact_status(xmax::text::xid8) = 'in progress'`,
  );
  return new Set(rows.map(({ id }) => id));
}

function shuffle<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
