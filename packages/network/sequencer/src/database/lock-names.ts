import type { Sql } from './database.ts';

/**
 * Until the transaction ends, no other one can be inside for the same names, shared or not. In one order, so that none waits in a
 * circle.
 */
export async function lockNames(sql: Sql, names: readonly string[]): Promise<void> {
  await sql.query(
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT DISTINCT hashtextextended(name, 15) AS key FROM unnest($1::text[]) AS name ORDER BY key
     ) AS keys`,
    [names],
  );
}

/** The same for one name, if no other transaction is inside. */
export async function tryLockName(sql: Sql, name: string): Promise<void> {
  await sql.query('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 15))', [name]);
}

/** Until the transaction ends, only others that share this name can be inside. */
export async function lockShared(sql: Sql, name: string): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 15))', [name]);
}
