import { HeuristError } from '@heurist/core';
import { Backoff } from '@heurist/server-kit/backoff';
import type { Clock } from '@heurist/server-kit/clock';
import { sleep } from '@heurist/server-kit/sleep';
import type pg from 'pg';
import type { Sql } from './database.ts';
import type { Connections } from './postgres-connections.ts';
import { describeFailure } from './postgres-errors.ts';
import type { PostgresLimits } from './postgres-limits.ts';
import { sqlOf } from './postgres-sql.ts';

/** Any number, the same in every process. */
const LOCK = 7_236_817;

/** What a setup works with. */
interface SetupTools {
  /** The connections of the pool: they see whether that of the setup still lives. */
  sql: Sql;
  connections: Connections;
  limits: PostgresLimits;
  clock: Clock;
}

/**
 * Runs something on a connection of its own that holds the lock of the setup. A new index of a large table takes minutes, so no
 * statement has a limit. If the network forgets the connection, the server ends its session when nothing has come for a while, which
 * frees the lock for others; here, another connection is asked whether the session is still there.
 */
export async function setUpAlone<T>(tools: SetupTools, run: (sql: Sql) => Promise<T>): Promise<T> {
  const { connections, limits } = tools;
  const client = await connections.connectAlone('heurist-sequencer setup');
  const ended = new AbortController();
  try {
    const session = await beginSession(client, limits);
    void watch(tools, client, session, ended.signal);
    const sql = sqlOf(connections, client);
    await untilLocked(sql, tools);
    return await run(sql);
  } finally {
    ended.abort();
    // the end of the connection releases the lock
    void client.end().catch(() => {});
    connections.destroy(client);
  }
}

interface Session {
  pid: number;
  begun: string;
}

async function beginSession(client: pg.Client, { statementMs, setupIdleMs }: PostgresLimits): Promise<Session> {
  const ask = (text: string) =>
    client.query<Session>({ text, query_timeout: statementMs } as pg.QueryConfig).catch((error) => {
      throw describeFailure(error);
    });
  await ask(`SET statement_timeout = 0; SET idle_session_timeout = ${setupIdleMs}`);
  const { rows } = await ask(
    'SELECT pid, backend_start::text AS begun FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  return rows[0]!;
}

/** Breaks the connection once its session is gone: what waits for an answer would wait for ever. */
async function watch(
  { sql, connections, limits }: SetupTools,
  client: pg.Client,
  { pid, begun }: Session,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(limits.pulseMs, signal);
    if (signal.aborted) return;
    const query = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz';
    const isThere = await sql.query(query, [pid, begun]).then(
      (rows) => rows.length > 0,
      () => true,
    );
    if (!isThere) return connections.destroy(client);
  }
}

/** By short tries: others see that it waits, and none of them keeps a statement open for minutes. */
async function untilLocked(sql: Sql, { limits: { lockMs }, clock }: SetupTools): Promise<void> {
  const backoff = new Backoff({ firstMs: 50, maxMs: 1000 });
  const end = clock.now() + lockMs;
  while (!(await tryLock(sql))) {
    if (clock.now() >= end) {
      const message = `Another sequencer has been setting up this database for ${lockMs / 60_000} minutes. Stop it, or wait until it is done.`;
      throw new HeuristError(message, { code: 'unavailable' });
    }
    await clock.sleep(backoff.next());
  }
}

async function tryLock(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ is_held: boolean }>('SELECT pg_try_advisory_lock($1) AS is_held', [LOCK]);
  return row?.is_held ?? false;
}
