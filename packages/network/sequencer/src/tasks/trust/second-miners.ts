import type { PastAttempt } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../../database/database.ts';
import type { LiveMiners } from '../live-miners.ts';
import { findRetried } from '../table/read-tasks.ts';
import { countRunningBy } from './standing-table.ts';
import type { Standings } from './standings.ts';

/** How long the waiting tasks that have failed before are served from memory. */
const TTL_MS = 500;
/** How long such a task is kept for another miner: one that is busy for longer is not waited for. */
const PATIENCE_SECONDS = 60;

/** Which workflows a miner gets tasks of now. */
interface Allowed {
  workflow_ids: string[];
  /** Those that it is put aside for. */
  aside: string[];
}

/** Sends a task that failed at one miner to another one, if there is one that is trusted. */
export class SecondMiners {
  readonly #sql: Sql;
  readonly #miners: LiveMiners;
  readonly #standings: Standings;
  readonly #retried: TtlCache<Awaited<ReturnType<typeof findRetried>>>;

  constructor(sql: Sql, miners: LiveMiners, standings: Standings, clock: Clock = systemClock) {
    this.#sql = sql;
    this.#miners = miners;
    this.#standings = standings;
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

  /** Whether another miner than these is connected that can run a workflow, and is not put aside. */
  async hasOther(workflow_id: string, miner_ids: readonly string[]): Promise<boolean> {
    return (await this.runnersOf(workflow_id)).some((miner_id) => !miner_ids.includes(miner_id));
  }

  /** The miners that are connected, run a workflow, and are not put aside for it. */
  async runnersOf(workflow_id: string): Promise<string[]> {
    const live = await this.#miners.list();
    const runners = live.filter(({ workflow_ids }) => workflow_ids.includes(workflow_id));
    if (!runners.length) return [];
    const limits = await this.#standings.limits(workflow_id);
    return runners.map(({ miner_id }) => miner_id).filter((miner_id) => limits.get(miner_id) !== 0);
  }

  /**
   * What a miner may claim now: not the workflows that it is put aside for, nor those in which a task that it has failed
   * waits for another miner.
   */
  async allow(miner_id: string, workflow_ids: readonly string[]): Promise<Allowed> {
    const held = new Set<string>();
    for (const task of await this.#retried.get())
      if (task.miner_ids.includes(miner_id) && (await this.hasOther(task.workflow_id, task.miner_ids)))
        held.add(task.workflow_id);
    const aside = await this.#findAside(miner_id, workflow_ids);
    return { workflow_ids: workflow_ids.filter((id) => !held.has(id) && !aside.includes(id)), aside };
  }

  async #findAside(miner_id: string, workflow_ids: readonly string[]): Promise<string[]> {
    const limited = new Map<string, number>();
    const known = (await this.#standings.list()).filter((row) => row.miner_id === miner_id);
    for (const { workflow_id } of known) {
      const most = workflow_ids.includes(workflow_id) && (await this.#standings.limits(workflow_id)).get(miner_id);
      if (typeof most === 'number') limited.set(workflow_id, most);
    }
    if (!limited.size) return [];
    const running = await countRunningBy(this.#sql, miner_id, [...limited.keys()]);
    return [...limited].filter(([id, most]) => (running.get(id) ?? 0) >= most).map(([id]) => id);
  }
}

/** Whether another miner has failed the same way before. */
export function isAgreed(history: readonly PastAttempt[], miner_id: string, code: string): boolean {
  return history.some((past) => past.miner_id !== miner_id && past.code === code);
}
