// What each statement costs the server, as PostgreSQL itself counts it.
import type { Database } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';

/** All runs of a statement. */
export interface Cost {
  runs: number;
  /** Of all runs together. */
  ms: number;
}

/** Statements that take less than this are too quick to compare. */
const LEAST_MS = 0.2;

/** When a statement did not run for so long, it is over. */
const QUIET_MS = 5000;

/** From now on each statement of this database counts. */
export async function startCounting(sql: Database): Promise<void> {
  await sql.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await sql.query(`SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()`);
}

/** By text, without what is done here. */
export async function readStatements(sql: Database): Promise<Map<string, Cost>> {
  const rows = await sql.query<Cost & { query: string }>(
    `SELECT query, sum(calls)::int AS runs, sum(total_exec_time)::float8 AS ms FROM pg_stat_statements
     JOIN pg_database ON pg_database.oid = dbid WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
       AND query NOT LIKE 'ANALYZE%' GROUP BY query`,
  );
  return new Map(rows.map(({ query, ...cost }) => [query, cost]));
}

/** Rows of a table: those that take more than so many times as long as before, the worst first. */
export function slowerStatements(before: Map<string, Cost>, after: Map<string, Cost>, limit: number): string[][] {
  return [...after]
    .map(([text, { ms, runs }]) => {
      const old = before.get(text);
      return { text, runs, each: ms / runs, total: ms, old: old && old.ms / old.runs };
    })
    .filter(({ each, old }) => each > LEAST_MS && (old === undefined || each > limit * old))
    .toSorted((a, b) => b.total - a.total)
    .map(({ text, each, old, runs }) => [
      text.replaceAll(/\s+/g, ' ').trim().slice(0, 110),
      old === undefined ? '' : old.toFixed(2),
      each.toFixed(2),
      `${runs}`,
    ]);
}

/** Waits until the sequencer has compared all open tasks with their jobs, which it does in many statements after a start. */
export async function untilCompared(sql: Database): Promise<void> {
  const count = async () => {
    const statements = await readStatements(sql);
    return [...statements].reduce((sum, [text, { runs }]) => (/unnest.*wanted/.test(text) ? sum + runs : sum), 0);
  };
  let [last, runs] = [-1, await count()];
  while (runs !== last) {
    await sleep(QUIET_MS);
    [last, runs] = [runs, await count()];
  }
}
