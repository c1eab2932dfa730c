import { SharedLook } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';

/** How the last tasks went. Looked up now and then: it changes slowly. */
const FRESH_MS = 10_000;
/** So many tasks are enough to know. */
const SAMPLE = 500;

/** How the last tasks of a workflow went, in milliseconds. */
export interface Times {
  /** From claim to end, mean of those that finished; `null` when none has lately. */
  run: number | null;
  /** From submit to claim: half waited no longer, and 99 of 100. */
  queued: { median: number; p99: number };
}

/** How long tasks wait and run, by workflow. */
export class RunTimes {
  readonly #sql: Sql;
  readonly #look = new SharedLook(() => this.#read(), FRESH_MS);

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** `undefined` when none has ended lately. */
  async of(workflow_id: string): Promise<Times | undefined> {
    return (await this.all()).get(workflow_id);
  }

  async all(): Promise<Map<string, Times>> {
    return await this.#look.get();
  }

  async #read(): Promise<Map<string, Times>> {
    const rows = await this.#sql.query<{ workflow_id: string; run: number | null; median: number; p99: number }>(
      `SELECT workflow_id,
         avg(extract(epoch FROM ended_at - claimed_at) * 1000) FILTER (WHERE status = 'finished')::float8 AS run,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - created_at) * 1000) AS median,
         percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - created_at) * 1000) AS p99
       FROM (
         SELECT workflow_id, created_at, ended_at, claimed_at, status FROM heurist.task
         WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ${SAMPLE}
       ) AS latest WHERE claimed_at IS NOT NULL GROUP BY workflow_id`,
    );
    return new Map(rows.map(({ workflow_id, run, median, p99 }) => [workflow_id, { run, queued: { median, p99 } }]));
  }
}

/** What is known of a task that has not ended. */
export interface Outlook {
  /** Tasks before it; `undefined` once it runs. */
  position: number | undefined;
  /** Miners that run its workflow. */
  miners: number;
  /** How long its kind takes. */
  meanMs: number | undefined;
  /** How long it has run. */
  elapsedMs: number;
  percent: number;
}

/** Below this, its own pace says little. */
const ENOUGH_PERCENT = 10;

/** Seconds until a task ends, or `undefined` where nobody can know. */
export function etaSeconds({ position, miners, meanMs, elapsedMs, percent }: Outlook): number | undefined {
  if (position === undefined) {
    if (percent >= ENOUGH_PERCENT) return Math.round((elapsedMs * (100 - percent)) / percent / 1000);
    // longer than the others: nobody knows
    return meanMs !== undefined && meanMs > elapsedMs ? Math.round((meanMs - elapsedMs) / 1000) : undefined;
  }
  if (meanMs === undefined || miners === 0) return undefined;
  // everybody before it, and itself, in rounds of as many as there are miners
  return Math.round((meanMs * (1 + Math.floor(position / miners)) + meanMs / 2) / 1000);
}
