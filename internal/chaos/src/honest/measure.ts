import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Load, Waits } from './messages.ts';
import { type NetworkSize, startHonestNetwork } from './network.ts';

/** One round without strangers and one with them, on the same network. */
export interface Round {
  without: Waits;
  with: Waits;
  attack: Attack;
}

/** A network that a test machine can run, and a load that leaves it room. */
export const SIZE: NetworkSize = { replicas: 2, miners: 16, consumers: 8, paceMs: 200 };
export const LOAD: Load = { tasks: 240, perSecond: 6 };

/** Until strangers have what they want, and until what they left has ended. */
const SETTLE_MS = 10_000;

/** Measures how long honest consumers wait, in turns without strangers and with all of them at once. */
export async function measureHonestWaits(rounds: number, log: (line: string) => void = () => {}): Promise<Round[]> {
  const network = await startHonestNetwork(SIZE);
  const results: Round[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      const without = await network.submit(LOAD);
      log(`round ${round} without strangers: ${describeWaits(without)}`);
      const strangers = network.startStrangers();
      await sleep(SETTLE_MS);
      const attacked = await network.submit(LOAD);
      log(`round ${round} with strangers: ${describeWaits(attacked)}`);
      results.push({ without, with: attacked, attack: await strangers.stop() });
      await sleep(SETTLE_MS);
    }
  } finally {
    await network.stop();
  }
  return results;
}

/** The middle of a list of numbers, or another part of it. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** How many times as long a task waits with strangers, at the median of each round. */
export const ratiosOf = (rounds: readonly Round[]): number[] =>
  rounds.map((round) => quantile(round.with.waits) / quantile(round.without.waits));

export function describeWaits({ waits, failures, seconds }: Waits): string {
  const [median, most] = [0.5, 0.95].map((share) => Math.round(quantile(waits, share)));
  return `${waits.length} finished, ${failures.length} failed, ${(waits.length / seconds).toFixed(1)} a second; median ${median} ms, 95 % within ${most} ms`;
}
