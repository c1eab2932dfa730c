import type { BackendProfile, Db } from 'pg-boss';
import { openPglite } from './pglite-database.ts';
import { openPostgres } from './postgres-database.ts';

/** Something that runs SQL: the database, or a transaction in it. */
export interface Sql {
  // biome-ignore lint/suspicious/noExplicitAny: rows have the shape that their query asks for
  query<Row = any>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The same connection, as pg-boss wants it: its calls join the transaction. */
  readonly boss: Db;
}

/** News between the processes that share a database. */
export interface Channel {
  /** Sends a text to all, this process too. At most 8000 bytes. */
  publish(message: string): Promise<void>;
  /**
   * Listens until `stop()`. A broken connection is made again.
   *
   * @param onGap - news may have been missed
   */
  subscribe(onMessage: (message: string) => void, onGap: () => void): Promise<{ stop(): Promise<void> }>;
}

/** The sequencer's database. */
export interface Database extends Sql {
  /** What pg-boss must know of it. */
  readonly backend: BackendProfile;
  /** Not there where no other process can have the database open. */
  readonly channel?: Channel;
  /** Everything inside commits together, or not at all. */
  transaction<T>(run: (sql: Sql) => Promise<T>): Promise<T>;
  /** No two processes are inside at once: for what is set up at the start. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a database.
 *
 * - A `postgres://` address: PostgreSQL 15 or newer, shared by as many sequencers as you like.
 * - A folder: Postgres inside this process. It survives a crash of the process, but not a power failure: nothing is
 *   fsynced. One process per folder.
 * - Nothing: the same in memory.
 *
 * @throws {HeuristError} `invalid_configuration` when another process has the folder open, or the server is too old
 * @throws {HeuristError} `unavailable` when the server cannot be reached
 */
export async function openDatabase(location?: string): Promise<Database> {
  if (location && /^postgres(ql)?:\/\//.test(location)) return await openPostgres(location);
  return await openPglite(location);
}
