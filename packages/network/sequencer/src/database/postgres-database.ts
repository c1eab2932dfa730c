import { createHash } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { sleep } from '@heurist/server-kit/sleep';
import pg from 'pg';
import type { Channel, Database, Sql } from './database.ts';

const CHANNEL = 'heurist';
const OLDEST_SERVER = 15;
/** Any number, the same in every process. */
const LOCK = 7_236_817;
/** How often statistics are renewed for tables that have changed much. */
const ANALYZE_INTERVAL_MS = 60_000;
const RECONNECT_MS = 1000;

/** Numbers that Postgres sends as text, since they might not fit: ours count tasks. */
const types = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Opens a database on a PostgreSQL server. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, types, application_name: 'heurist-sequencer' });
  // a connection that breaks fails the query that runs on it; without listeners it would end the process too
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await checkServer(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const analyze = setInterval(() => void renewStatistics(pool).catch(() => {}), ANALYZE_INTERVAL_MS);
  analyze.unref();
  return {
    ...sqlOf(pool),
    backend: 'postgres',
    channel: channelOf(pool, url),
    transaction: (run) => transact(pool, run),
    exclusively: (run) => lock(pool, run),
    async close() {
      clearInterval(analyze);
      await pool.end();
    },
  };
}

/** @throws {HeuristError} without the address, which may hold a password */
async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string }>('SHOW server_version_num').catch((cause) => {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new HeuristError(`The database cannot be reached (${reason}). Check that it is running, and its address.`, {
      code: 'unavailable',
      cause,
    });
  });
  const major = Math.floor(Number(Object.values(rows[0] ?? {})[0]) / 10_000);
  if (major < OLDEST_SERVER)
    throw new HeuristError(`PostgreSQL ${major} is too old. Use version ${OLDEST_SERVER} or newer.`, {
      code: 'invalid_configuration',
    });
}

function sqlOf(connection: pg.Pool | pg.PoolClient): Sql {
  return {
    async query<Row>(text: string, values?: unknown[]) {
      // several statements in one text, as in migrations, cannot be prepared, and have no values
      if (!values?.length) return flatten(await connection.query(text)) as Row[];
      return (await connection.query({ name: statementName(text), text, values })).rows as Row[];
    },
  };
}

/** Several statements have several results. */
function flatten(result: pg.QueryResult | pg.QueryResult[]): object[] {
  return Array.isArray(result) ? result.flatMap(({ rows }) => rows ?? []) : result.rows;
}

const names = new Map<string, string>();

/** A named statement is planned once per connection, which halves the server's work for a task. */
function statementName(text: string): string {
  const name = names.get(text) ?? createHash('sha1').update(text).digest('base64url');
  names.set(text, name);
  return name;
}

async function transact<T>(pool: pg.Pool, run: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await run(sqlOf(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function lock<T>(pool: pg.Pool, run: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await run();
  } finally {
    // closing the connection releases the lock
    client.release(true);
  }
}

/** Autovacuum runs once a minute and waits until a tenth of a table has changed: too late for a queue that has just filled. */
export async function renewStatistics(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables
     WHERE schemaname IN ('heurist', 'pgboss') AND n_mod_since_analyze > 1000 + n_live_tup / 20`,
  );
  for (const { name } of rows) await pool.query(`ANALYZE ${name}`);
}

/** LISTEN needs a connection of its own. */
function channelOf(pool: pg.Pool, url: string): Channel {
  return {
    async publish(message) {
      await pool.query({ name: 'notify', text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, message] });
    },
    async subscribe(onMessage, onGap) {
      let isStopped = false;
      let client: pg.Client | undefined;

      async function connect() {
        const next = new pg.Client({ connectionString: url, application_name: 'heurist-sequencer events' });
        next.on('notification', ({ payload }) => onMessage(payload ?? ''));
        next.on('error', () => {});
        await next.connect();
        await next.query(`LISTEN ${CHANNEL}`);
        next.on('end', () => void reconnect());
        client = next;
      }
      async function reconnect(): Promise<void> {
        if (isStopped) return;
        client = undefined;
        await sleep(RECONNECT_MS);
        await connect().then(onGap, () => reconnect());
      }

      await connect();
      return {
        async stop() {
          isStopped = true;
          await client?.end();
        },
      };
    },
  };
}
