// Statements on the tables of open requests: how many each replica holds, and which replicas are there.
import type { Sql } from '../../database/database.ts';

/** A replica that was not heard of for so long, by the database's clock, holds nothing. */
const DEAD_SECONDS = 15;

/** Records that a replica is there. */
export async function recordReplica(sql: Sql, replica_id: string): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.replica (replica_id, seen_at) VALUES ($1, now())
     ON CONFLICT (replica_id) DO UPDATE SET seen_at = now()`,
    [replica_id],
  );
}

/** How many requests other replicas hold at these places. In their order. */
export async function countElsewhere(sql: Sql, replica_id: string, places: readonly string[]): Promise<number[]> {
  const rows = await sql.query<{ count: number }>(
    `SELECT (
       SELECT coalesce(sum(open.count), 0)::int FROM heurist.open_request AS open JOIN heurist.replica USING (replica_id)
       WHERE open.place = asked.place AND replica_id <> $1 AND seen_at > now() - interval '${DEAD_SECONDS} seconds'
     ) AS count FROM unnest($2::text[]) WITH ORDINALITY AS asked(place, index) ORDER BY index`,
    [replica_id, places],
  );
  return rows.map(({ count }) => count);
}

/** Records how many requests a replica may hold at these places. */
export async function writeCounts(sql: Sql, replica_id: string, counts: ReadonlyMap<string, number>): Promise<void> {
  if (!counts.size) return;
  await sql.query(
    `INSERT INTO heurist.open_request AS open (place, replica_id, count)
     SELECT place, $1, count FROM unnest($2::text[], $3::int[]) AS new(place, count)
     ON CONFLICT (place, replica_id) DO UPDATE SET count = excluded.count WHERE open.count <> excluded.count`,
    [replica_id, [...counts.keys()], [...counts.values()]],
  );
}

/** Deletes places where a replica holds nothing any more, and everything of replicas that are gone. */
export async function deleteIdle(sql: Sql, replica_id: string): Promise<void> {
  await sql.query('DELETE FROM heurist.open_request WHERE replica_id = $1 AND count = 0', [replica_id]);
  await sql.query(
    `WITH dead AS (DELETE FROM heurist.replica WHERE seen_at < now() - interval '${4 * DEAD_SECONDS} seconds' RETURNING replica_id)
     DELETE FROM heurist.open_request WHERE replica_id IN (SELECT replica_id FROM dead)`,
  );
}

export async function deleteReplica(sql: Sql, replica_id: string): Promise<void> {
  await sql.query('DELETE FROM heurist.open_request WHERE replica_id = $1', [replica_id]);
  await sql.query('DELETE FROM heurist.replica WHERE replica_id = $1', [replica_id]);
}
