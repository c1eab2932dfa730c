import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { HeuristError } from '@heurist/core';
import { freeBytes } from '@heurist/server-kit/free-bytes';
import type { Database, Sql } from './database.ts';
import { lockFolder } from './lock-folder.ts';
import { describeEmbedded, describeOpening } from './postgres-errors.ts';

/** How often statistics are renewed and dead rows removed: embedded Postgres has no autovacuum. */
const VACUUM_INTERVAL_MS = 60_000;

/**
 * Opens Postgres inside this process.
 *
 * @param folder - where it keeps its data; in memory if left out
 * @throws {HeuristError} `invalid_configuration` if `@electric-sql/pglite`, an optional dependency, is not installed, or the
 *   folder is in use or cannot be written
 */
export async function openPglite(folder?: string): Promise<Database> {
  const { PGlite } = await importPglite();
  const unlock = folder === undefined ? () => {} : lockFolder(folder);
  const options = folder === undefined ? {} : { dataDir: join(folder, 'postgres') };
  const pglite = await PGlite.create(options).catch((error) => {
    unlock();
    throw describeOpening(folder, error);
  });
  const vacuum = setInterval(() => void pglite.exec('VACUUM (ANALYZE)').catch(() => {}), VACUUM_INTERVAL_MS);
  vacuum.unref();
  const sql: Sql = {
    query: (text, values) =>
      run(pglite, text, values).catch(async (error) => {
        // a text that began a transaction of its own would leave the only connection inside it
        if (!values?.length) await pglite.exec('ROLLBACK').catch(() => {});
        throw error;
      }),
  };
  return {
    ...sql,
    backend: 'pglite',
    transaction: (change) =>
      pglite.transaction((connection) => change({ query: (text, values) => run(connection, text, values) })),
    // nobody else has it open
    exclusively: (setUp) => setUp(sql),
    ...(folder !== undefined && { freeBytes: () => freeBytes(folder) }),
    async close() {
      clearInterval(vacuum);
      await pglite.close();
      unlock();
    },
  };
}

/** It is 27 MB, which a sequencer on PostgreSQL does not need. */
async function importPglite(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new HeuristError(
      'The embedded database needs the package @electric-sql/pglite, which is not installed. Add it with "npm install @electric-sql/pglite", or use PostgreSQL: a postgres:// address.',
      { code: 'invalid_configuration', cause },
    );
  }
}

const run: (connection: Pick<PGlite, 'query' | 'exec'>, ...query: Parameters<Sql['query']>) => Promise<never[]> =
  async (connection, text, values) => {
    try {
      if (values?.length) return (await connection.query<never>(text, values)).rows;
      return (await connection.exec(text)).flatMap(({ rows }) => rows as never[]);
    } catch (error) {
      throw describeEmbedded(error);
    }
  };
