// Which statements a server has run, and how often: by its extension pg_stat_statements.
import type { Database } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import type { PostgresSettings } from '@heurist/test-servers/postgres';

/** Settings of a server whose statements can be counted. */
export const STATEMENT_COUNTS: PostgresSettings = {
  shared_preload_libraries: 'pg_stat_statements',
};

/** All runs of a statement. */
export interface Cost {
  runs: number;
  /** Of all runs together. */
  ms: number;
}

/** From now on each statement of this database counts. */
export async function startCounting(sql: Pick<Database, 'query'>): Promise<void> {
  await sql.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await sql.query(`SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()`);
}

/** By text, without what is done here. */
export async function readStatements(sql: Pick<Database, 'query'>): Promise<Map<string, Cost>> {
  const rows = await sql.query<Cost & { query: string }>(
    `SELECT query, sum(calls)::int AS runs, sum(total_exec_time)::float8 AS ms FROM pg_stat_statements
     JOIN pg_database ON pg_database.oid = dbid WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
       AND query NOT LIKE 'ANALYZE%' GROUP BY query`,
  );
  return new Map(rows.map(({ query, ...cost }) => [query, cost]));
}

/** Statements that clients have sent while something happened: those of the server as a whole, transaction commands included. */
export interface StatementCounts {
  total: number;
  /** The most frequent first; `ms`: what all of its calls took. */
  list: { calls: number; ms: number; text: string }[];
}

export async function countStatements(
  sql: Pick<Database, 'query'>,
  run: () => Promise<unknown>,
): Promise<StatementCounts> {
  await track(sql, 'top');
  await startCounting(sql);
  await run();
  const list = [...(await readStatements(sql))]
    // what foreign keys ask is not sent
    .filter(([text]) => !text.includes('OPERATOR(pg_catalog.=)'))
    .map(([text, { runs, ms }]) => ({ calls: runs, ms, text: text.replaceAll(/\s+/g, ' ').slice(0, 110) }))
    .toSorted((a, b) => b.calls - a.calls);
  await track(sql, 'none');
  return { total: list.reduce((sum, { calls }) => sum + calls, 0), list };
}

/** Counts nothing until {@link countStatements}: call it before anything is measured. */
export async function stopCounting(sql: Pick<Database, 'query'>): Promise<void> {
  await track(sql, 'none');
}

async function track(sql: Pick<Database, 'query'>, which: 'top' | 'none'): Promise<void> {
  await sql.query(`ALTER SYSTEM SET pg_stat_statements.track = '${which}'`);
  await sql.query('SELECT pg_reload_conf()');
  // the server's processes hear of it between two statements
  await sleep(500);
}
