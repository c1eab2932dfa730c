import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';
import type { LiveMiners } from './live-miners.ts';
import { findRetried } from './table/read-tasks.ts';

/** How long the waiting tasks that have failed before are served from memory. */
const TTL_MS = 500;
/** How long such a task is kept for another miner: one that is busy for longer is not waited for. */
const PATIENCE_SECONDS = 60;

/** Sends a task that failed at one miner to another one, if there is one. */
export class SecondMiners {
  readonly #miners: LiveMiners;
  readonly #retried: TtlCache<Awaited<ReturnType<typeof findRetried>>>;

  constructor(sql: Sql, miners: LiveMiners, clock: Clock = systemClock) {
    this.#miners = miners;
    this.#retried = new TtlCache(
      () => findRetried(sql, PATIENCE_SECONDS),
      TTL_MS,
      () => clock.now(),
    );
  }

  /** A task has just failed: it must not go back to the same miner. */
  recordFailure(): void {
    this.#retried.clear();
  }

  /** Whether another miner than these is connected that can run a workflow. */
  async hasOther(workflow_id: string, miner_ids: readonly string[]): Promise<boolean> {
    const live = await this.#miners.list();
    return live.some((miner) => !miner_ids.includes(miner.miner_id) && miner.workflow_ids.includes(workflow_id));
  }

  /** What a miner may claim now: not the workflows in which a task that it has failed waits for another miner. */
  async allow(miner_id: string, workflow_ids: readonly string[]): Promise<string[]> {
    const held = new Set<string>();
    for (const task of await this.#retried.get())
      if (task.miner_ids.includes(miner_id) && (await this.hasOther(task.workflow_id, task.miner_ids)))
        held.add(task.workflow_id);
    return workflow_ids.filter((workflow_id) => !held.has(workflow_id));
  }
}
