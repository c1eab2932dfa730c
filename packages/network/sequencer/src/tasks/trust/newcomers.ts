import type { Sql } from '../../database/database.ts';
import type { TaskRecord } from '../table/task-record.ts';
import { addFinished, readFinished } from './track-record.ts';

/** Tasks that a miner may run at the same time before it has finished any: enough for eight GPUs. */
const FIRST_LEASES = 16;
/** Tasks that a miner must have finished to run as many as its limits say: 16, 32, 64, 128 at a time. */
const PROVEN = 4;

/**
 * Miners that have yet to show that they finish tasks: each one that they finish doubles how many they may run. A stranger
 * that only takes tasks takes a few.
 */
export class Newcomers {
  /** Those that this process knows to be proven: they cost no statement. */
  readonly #proven = new Set<string>();

  /** How many tasks each of these miners may run at the same time; those that are proven are missing. */
  async limits(sql: Sql, miner_ids: readonly string[]): Promise<Map<string, number>> {
    const unknown = miner_ids.filter((miner_id) => !this.#proven.has(miner_id));
    if (!unknown.length) return new Map();
    const finished = await readFinished(sql, unknown);
    const limits = new Map<string, number>();
    for (const miner_id of unknown) {
      const count = finished.get(miner_id) ?? 0;
      if (count >= PROVEN) this.#proven.add(miner_id);
      else limits.set(miner_id, FIRST_LEASES * 2 ** count);
    }
    return limits;
  }

  /** How many tasks a miner may run at the same time whatever it has finished; `undefined` if it is known to be proven. */
  surely(miner_id: string): number | undefined {
    return this.#proven.has(miner_id) ? undefined : FIRST_LEASES;
  }

  /** Counts tasks that were finished, until their miner is proven. */
  async recordFinish(sql: Sql, tasks: readonly Pick<TaskRecord, 'miner_id'>[]): Promise<void> {
    const counts = new Map<string, number>();
    for (const { miner_id } of tasks)
      if (miner_id !== null && !this.#proven.has(miner_id)) counts.set(miner_id, (counts.get(miner_id) ?? 0) + 1);
    if (!counts.size) return;
    const counted = await addFinished(sql, counts, PROVEN);
    // a miner that claims at another replica is known here from now on too
    for (const miner_id of counts.keys()) if (!counted.has(miner_id)) this.#proven.add(miner_id);
  }
}
