// Every statement on the table of what miners have finished.
import type { Sql } from '../../database/database.ts';

/** Miner -> tasks that it has finished, as far as they were counted. */
export async function readFinished(sql: Sql, miner_ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ miner_id: string; finished: number }>(
    'SELECT miner_id, finished FROM heurist.track_record WHERE miner_id = ANY($1::text[])',
    [miner_ids],
  );
  return new Map(rows.map(({ miner_id, finished }) => [miner_id, finished]));
}

/**
 * Counts finished tasks.
 *
 * @param most - what is enough to know
 * @returns the miners that had less
 */
export async function addFinished(sql: Sql, counts: ReadonlyMap<string, number>, most: number): Promise<Set<string>> {
  // in one order, or two replicas could wait for each other
  const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const counted = await sql.query<{ miner_id: string }>(
    `INSERT INTO heurist.track_record AS record (miner_id, finished)
     SELECT miner_id, least(finished, $3) FROM unnest($1::text[], $2::int[]) AS new(miner_id, finished)
     ON CONFLICT (miner_id) DO UPDATE SET finished = least(record.finished + excluded.finished, $3) WHERE record.finished < $3
     RETURNING miner_id`,
    [sorted.map(([miner_id]) => miner_id), sorted.map(([, count]) => count), most],
  );
  return new Set(counted.map(({ miner_id }) => miner_id));
}
