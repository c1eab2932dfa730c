import type { Database } from './database.ts';
import { openPglite } from './pglite-database.ts';
import { openPostgres } from './postgres-database.ts';

/**
 * Opens a database.
 *
 * - A `postgres://` address: PostgreSQL 15 or newer, shared by any number of sequencers.
 * - A folder: Postgres inside this process. It survives a crash of the process, but not a power failure, because nothing
 *   is fsynced. One process per folder.
 * - Nothing: the same in memory.
 *
 * @throws {HeuristError} `invalid_configuration` if another process has the folder open, or the server is too old
 * @throws {HeuristError} `unavailable` if the server cannot be reached
 */
export async function openDatabase(location?: string): Promise<Database> {
  if (location && /^postgres(ql)?:\/\//.test(location)) return await openPostgres(location);
  return await openPglite(location);
}
