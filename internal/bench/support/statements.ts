// Which statements a server has run, and how often: by its extension pg_stat_statements.
import type { Database } from '@heurist/sequencer';
import type { PostgresSettings } from '@heurist/test-servers/postgres';

/** Settings of a server whose statements can be counted. */
export const STATEMENT_COUNTS: PostgresSettings = {
  shared_preload_libraries: 'pg_stat_statements',
};

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
  await sql.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await track(sql, 'top');
  await sql.query('SELECT pg_stat_statements_reset()');
  await run();
  // what foreign keys ask is not sent
  const list = await sql.query<{ calls: number; ms: number; text: string }>(
    `SELECT sum(calls)::int AS calls, sum(total_exec_time)::float8 AS ms, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS text FROM pg_stat_statements
     WHERE query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%OPERATOR(pg_catalog.=)%' GROUP BY 3 ORDER BY 1 DESC`,
  );
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
  await new Promise((resolve) => setTimeout(resolve, 500));
}
