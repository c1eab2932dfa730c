// Every statement on the table of stored bytes, and those that must go with them.
import type { Sql } from '../database/database.ts';

/** Files that are counted in one transaction at most, about. */
const SLICE = 50_000;

/**
 * The start of a transaction is when a file counts as stored, and it may be committed a little later: no statement takes longer than
 * this.
 */
const COMMIT_SECONDS = 30;

const OWNER = 'coalesce(task.consumer_id, artifact.owner)';
const BYTES = `coalesce(sum((artifact.description->>'bytes')::float8), 0)::bigint`;

/**
 * Adds what has arrived since the last time. Inside a transaction.
 *
 * @returns whether there may be more
 */
export async function addStored(sql: Sql): Promise<boolean> {
  await sql.query(
    `INSERT INTO heurist.setting (name, value) VALUES ('stored_until', '-infinity') ON CONFLICT DO NOTHING`,
  );
  const [setting] = await sql.query<{ value: string }>(
    `SELECT value FROM heurist.setting WHERE name = 'stored_until' FOR UPDATE`,
  );
  const since = setting!.value;
  const [slice] = await sql.query<{ until: string; is_last: boolean }>(
    `WITH slice AS (
       SELECT now() - interval '${COMMIT_SECONDS} seconds' AS end_at, (
         SELECT stored_at FROM heurist.artifact WHERE stored_at > $1::timestamptz ORDER BY stored_at OFFSET ${SLICE} LIMIT 1
       ) AS full_at
     ) SELECT least(end_at, full_at)::text AS until, full_at IS NULL OR full_at >= end_at AS is_last FROM slice`,
    [since],
  );
  const { until, is_last } = slice!;
  await sql.query(
    `INSERT INTO heurist.stored AS stored (consumer_id, files, bytes)
     SELECT ${OWNER}, count(*), ${BYTES} FROM heurist.artifact LEFT JOIN heurist.task ON task.task_id = artifact.task_id
     WHERE stored_at > $1::timestamptz AND stored_at <= $2::timestamptz GROUP BY 1
     ON CONFLICT (consumer_id) DO UPDATE SET files = stored.files + excluded.files, bytes = stored.bytes + excluded.bytes`,
    [since, until],
  );
  await sql.query(
    `UPDATE heurist.setting SET value = $1 WHERE name = 'stored_until' AND value::timestamptz < $1::timestamptz`,
    [until],
  );
  return !is_last;
}

/** Deletes the rows of files, and takes them out of what is counted. Inside a transaction. */
export async function deleteArtifacts(sql: Sql, artifact_ids: readonly string[]): Promise<void> {
  // a count that is under way ends first
  await sql.query(`SELECT 1 FROM heurist.setting WHERE name = 'stored_until' FOR SHARE`);
  await sql.query(
    `WITH artifact AS (DELETE FROM heurist.artifact WHERE artifact_id = ANY($1::uuid[]) RETURNING *), gone AS (
       SELECT ${OWNER} AS consumer_id, count(*) AS files, ${BYTES} AS bytes
       FROM artifact LEFT JOIN heurist.task ON task.task_id = artifact.task_id
       JOIN heurist.setting ON name = 'stored_until' AND artifact.stored_at <= value::timestamptz GROUP BY 1
     ) UPDATE heurist.stored SET files = greatest(0, stored.files - gone.files), bytes = greatest(0, stored.bytes - gone.bytes)
     FROM gone WHERE stored.consumer_id = gone.consumer_id`,
    [artifact_ids],
  );
}

/** In the order of the owners. */
export async function readStored(sql: Sql, consumer_ids: readonly string[]): Promise<number[]> {
  const rows = await sql.query<{ consumer_id: string; bytes: number }>(
    'SELECT consumer_id, bytes::float8 AS bytes FROM heurist.stored WHERE consumer_id = ANY($1)',
    [[...new Set(consumer_ids)]],
  );
  const byOwner = new Map(rows.map(({ consumer_id, bytes }) => [consumer_id, bytes]));
  return consumer_ids.map((consumer_id) => byOwner.get(consumer_id) ?? 0);
}

export async function totalStored(sql: Sql): Promise<number> {
  const query = 'SELECT coalesce(sum(bytes), 0)::float8 AS bytes FROM heurist.stored';
  const [row] = await sql.query<{ bytes: number }>(query);
  return row!.bytes;
}
