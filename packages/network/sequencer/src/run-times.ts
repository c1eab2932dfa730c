import type { Sql } from './database.ts';
import { SharedLook } from './shared-look.ts';

/** How long the last tasks of each workflow ran. Looked up now and then: it changes slowly. */
const FRESH_MS = 10_000;
/** So many finished tasks are enough to know. */
const SAMPLE = 500;

/** How long tasks run, by workflow. */
export class RunTimes {
  readonly #sql: Sql;
  readonly #look = new SharedLook(() => this.#read(), FRESH_MS);

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Mean from claim to end, in milliseconds; `undefined` when none has finished lately. */
  async meanMs(workflow_id: string): Promise<number | undefined> {
    return (await this.#look.get()).get(workflow_id);
  }

  async #read(): Promise<Map<string, number>> {
    const rows = await this.#sql.query<{ workflow_id: string; ms: number }>(
      `SELECT workflow_id, avg(extract(epoch FROM ended_at - claimed_at) * 1000)::float8 AS ms FROM (
         SELECT workflow_id, ended_at, claimed_at, status FROM heurist.task
         WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ${SAMPLE}
       ) AS latest WHERE status = 'finished' GROUP BY workflow_id`,
    );
    return new Map(rows.map(({ workflow_id, ms }) => [workflow_id, ms]));
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
