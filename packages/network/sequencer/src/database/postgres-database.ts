import { HeuristError } from '@heurist/core';
import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Database, Sql } from './database.ts';
import { channelOf } from './postgres-channel.ts';
import { Connections } from './postgres-connections.ts';
import { POSTGRES_LIMITS, type PostgresLimits } from './postgres-limits.ts';
import { setUpAlone } from './postgres-setup.ts';
import { sqlOf } from './postgres-sql.ts';

const OLDEST_SERVER = 15;
/** How often statistics are renewed for tables that have changed much. */
const ANALYZE_INTERVAL_MS = 60_000;

/** Opens a database on a PostgreSQL server. */
export async function openPostgres(
  url: string,
  limits: PostgresLimits = POSTGRES_LIMITS,
  clock: Clock = systemClock,
): Promise<Database> {
  const connections = new Connections(url, limits);
  const sql: Sql = {
    query: (text, values) => connections.use((client) => sqlOf(connections, client).query(text, values)),
  };
  try {
    await checkServer(sql);
    await awaitWritable(sql, limits.standbyMs, clock);
  } catch (error) {
    await connections.close();
    throw error;
  }
  const analyze = setInterval(() => void renewStatistics(sql).catch(() => {}), ANALYZE_INTERVAL_MS);
  analyze.unref();
  return {
    ...sql,
    backend: 'postgres',
    channel: channelOf(sql, connections, limits),
    transaction: (run) => transact(connections, run),
    exclusively: (run) => setUpAlone({ sql, connections, limits, clock }, run),
    async close() {
      clearInterval(analyze);
      await connections.close();
    },
  };
}

async function checkServer(sql: Sql): Promise<void> {
  const [row] = await sql
    .query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`)
    .catch((error) => {
      const { cause } = error as HeuristError;
      const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? (error as Error).message;
      throw new HeuristError(`The database cannot be reached (${reason}). Check that it is running, and its address.`, {
        code: 'unavailable',
        cause: error,
      });
    });
  const major = Math.floor(Number(row?.version) / 10_000);
  if (major < OLDEST_SERVER)
    throw new HeuristError(`PostgreSQL ${major} is too old. Use version ${OLDEST_SERVER} or newer.`, {
      code: 'invalid_configuration',
    });
}

/** A standby becomes writable when it is promoted: during a failover, a start must not give up at once. */
async function awaitWritable(sql: Sql, limitMs: number, clock: Clock): Promise<void> {
  const backoff = new Backoff({ firstMs: 250, maxMs: 4000 });
  const end = clock.now() + limitMs;
  for (;;) {
    const query = `SELECT current_setting('transaction_read_only') AS read_only, pg_is_in_recovery() AS is_standby`;
    const [row] = await sql.query<{ read_only: string; is_standby: boolean }>(query);
    if (row?.read_only !== 'on') return;
    if (clock.now() >= end) {
      const what = row.is_standby ? 'is a standby in recovery' : 'is read-only';
      const message = `The database server ${what}, and was still after ${limitMs / 1000} seconds. Promote it, or use the address of the primary.`;
      throw new HeuristError(message, { code: 'unavailable' });
    }
    await clock.sleep(backoff.next());
  }
}

async function transact<T>(connections: Connections, run: (sql: Sql) => Promise<T>): Promise<T> {
  const outcome = await connections.use(async (client) => {
    const sql = sqlOf(connections, client);
    await sql.query('BEGIN');
    try {
      const value = await run(sql);
      await sql.query('COMMIT');
      return { value };
    } catch (error) {
      // fails at once on a connection that hung, which is then dropped
      const isRolledBack = await sql.query('ROLLBACK').then(
        () => true,
        () => false,
      );
      if (!isRolledBack) throw error;
      return { error };
    }
  });
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** Autovacuum runs once a minute and waits until a tenth of a table has changed: too late for a queue that has just filled. */
export async function renewStatistics(sql: Sql): Promise<void> {
  const rows = await sql.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables
     WHERE schemaname IN ('heurist', 'pgboss') AND n_mod_since_analyze > 1000 + n_live_tup / 20`,
  );
  for (const { name } of rows) await sql.query(`ANALYZE ${name}`);
}
