// Every statement on the tables of what machines hold, and of lines that are passed by.
import type { Sql } from '../../database/database.ts';
import type { HeldModel } from './knowledge.ts';

/** A machine of a miner. */
export interface Machine {
  miner_id: string;
  /** Empty for one that does not say which it is. */
  machine_id: string;
}

/** What a machine says that it holds. */
export interface Holder extends Machine {
  /** Most recent first. */
  held: HeldModel[];
  /** The most that it has held at once. */
  slots: number;
}

/**
 * Writes down what machines hold now.
 *
 * @param most - machines of one miner that are known at the same time: those beyond are left out
 */
export async function writeHolders(sql: Sql, holders: readonly (Holder & { most: number })[]): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.holder AS holder (miner_id, machine_id, seen_at, held, slots)
     SELECT miner_id, machine_id, clock_timestamp(), held, slots FROM (
       -- those that are new to the table are counted one after the other
       SELECT row.*, known.miner_id IS NOT NULL AS is_known,
         row_number() OVER (PARTITION BY row.miner_id, known.miner_id IS NULL ORDER BY row.machine_id) AS place
       FROM jsonb_to_recordset($1) AS row(miner_id text, machine_id text, held jsonb, slots int, most int)
       LEFT JOIN heurist.holder AS known USING (miner_id, machine_id)
     ) AS row
     WHERE is_known OR (SELECT count(*) FROM heurist.holder AS own WHERE own.miner_id = row.miner_id) + place <= most
     ON CONFLICT (miner_id, machine_id) DO UPDATE SET
       seen_at = excluded.seen_at, held = excluded.held, slots = greatest(holder.slots, excluded.slots)`,
    [JSON.stringify(holders)],
  );
}

/** The machines that were heard of within `seconds`, of miners that are connected and believed. */
export async function readHolders(sql: Sql, seconds: number, minerSeconds: number): Promise<Holder[]> {
  return await sql.query<Holder>(
    `SELECT miner_id, machine_id, held, slots FROM heurist.holder JOIN heurist.miner AS miner USING (miner_id)
     WHERE holder.seen_at > clock_timestamp() - $1 * interval '1 second'
       AND miner.seen_at > clock_timestamp() - $2 * interval '1 second'
       AND NOT EXISTS (
         SELECT FROM heurist.warm_doubt AS doubt WHERE doubt.miner_id = holder.miner_id AND doubted_until > clock_timestamp()
       )`,
    [seconds, minerSeconds],
  );
}

export async function deleteOldHolders(sql: Sql, seconds: number): Promise<void> {
  const query = `DELETE FROM heurist.holder WHERE seen_at < clock_timestamp() - $1 * interval '1 second'`;
  await sql.query(query, [seconds]);
}

/** A line whose first task has been passed by. */
export interface PassedLine {
  line: string;
  /** Its first task at that time: with another one, nothing is passed by. */
  head_id: string;
  /** In milliseconds. */
  since: number;
}

export async function readPassed(sql: Sql): Promise<PassedLine[]> {
  return await sql.query<PassedLine>(
    'SELECT line, head_id, extract(epoch FROM since)::float8 * 1000 AS since FROM heurist.passed',
  );
}

/** Remembers lines that are passed by; the first one to say so of a head counts. */
export async function writePassed(sql: Sql, lines: readonly PassedLine[]): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.passed AS passed (line, head_id, since)
     SELECT line, head_id, to_timestamp(since / 1000) FROM unnest($1::text[], $2::uuid[], $3::float8[]) AS row(line, head_id, since)
     ORDER BY line
     ON CONFLICT (line) DO UPDATE SET head_id = excluded.head_id, since = excluded.since
     WHERE passed.head_id <> excluded.head_id OR passed.since > excluded.since`,
    [lines.map(({ line }) => line), lines.map(({ head_id }) => head_id), lines.map(({ since }) => since)],
  );
}
