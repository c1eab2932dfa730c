// Every statement on the table of standings.
import type { Sql } from '../../database/database.ts';
import { lockNames } from '../../database/lock-names.ts';
import type { Standing } from './standing.ts';

/** The standing of one miner in one workflow, with its history. */
export interface StandingRow extends Standing {
  miner_id: string;
  workflow_id: string;
  /** Failures that were counted, of which some may have been excused. */
  failures: number;
  /** The codes of the last ones, newest last. */
  codes: string[];
}

const MS = (column: string) => `coalesce(extract(epoch FROM ${column})::float8 * 1000, 0)`;
const COLUMNS = `miner_id, workflow_id, doubt, proven, pauses, finished, failures, codes,
  ${MS('failed_at')} AS "failedAt", ${MS('paused_until')} AS "pausedUntil"`;

/** All of them: miners without failures have none. */
export async function readStandings(sql: Sql): Promise<StandingRow[]> {
  return await sql.query<StandingRow>(`SELECT ${COLUMNS} FROM heurist.standing`);
}

/** Those in one workflow. Until the transaction ends, no other one changes them. */
export async function lockStandings(sql: Sql, workflow_id: string): Promise<{ rows: StandingRow[]; now: number }> {
  await lockNames(sql, [`standing ${workflow_id}`]);
  const rows = await sql.query<StandingRow>(`SELECT ${COLUMNS} FROM heurist.standing WHERE workflow_id = $1`, [
    workflow_id,
  ]);
  const [time] = await sql.query<{ now: number }>(`SELECT ${MS('clock_timestamp()')} AS now`);
  return { rows, now: time!.now };
}

export async function writeStandings(sql: Sql, rows: readonly StandingRow[]): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.standing
       (miner_id, workflow_id, doubt, proven, pauses, finished, failures, codes, failed_at, paused_until)
     SELECT miner_id, workflow_id, doubt, proven, pauses, finished, failures, codes,
       to_timestamp("failedAt" / 1000), CASE WHEN "pausedUntil" > 0 THEN to_timestamp("pausedUntil" / 1000) END
     FROM jsonb_to_recordset($1) AS row(
       miner_id text, workflow_id text, doubt int, proven int, pauses int, finished int, failures int, codes jsonb,
       "failedAt" float8, "pausedUntil" float8
     )
     ON CONFLICT (workflow_id, miner_id) DO UPDATE SET
       doubt = excluded.doubt, proven = excluded.proven, pauses = excluded.pauses, finished = excluded.finished,
       failures = excluded.failures, codes = excluded.codes, failed_at = excluded.failed_at,
       paused_until = excluded.paused_until`,
    [JSON.stringify(rows)],
  );
}

/** Deletes those without a failure or pause for a day. */
export async function deleteOldStandings(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM heurist.standing WHERE greatest(failed_at, paused_until) < clock_timestamp() - interval '1 day'`,
  );
}

/** How many tasks of these workflows a miner runs. */
export async function countRunningBy(
  sql: Sql,
  miner_id: string,
  workflow_ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql.query<{ workflow_id: string; count: number }>(
    `SELECT workflow_id, count(*)::int AS count FROM heurist.task
     WHERE status = 'running' AND miner_id = $1 AND workflow_id = ANY($2::text[]) GROUP BY workflow_id`,
    [miner_id, workflow_ids],
  );
  return new Map(rows.map(({ workflow_id, count }) => [workflow_id, count]));
}
