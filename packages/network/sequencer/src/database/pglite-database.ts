import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { HeuristError } from '@heurist/core';
import { fromPglite } from 'pg-boss';
import type { Database, Sql } from './database.ts';

/** How often statistics are renewed and dead rows removed: embedded Postgres has no autovacuum. */
const VACUUM_INTERVAL_MS = 60_000;

/**
 * Opens Postgres inside this process: in a folder, or in memory.
 *
 * @throws {HeuristError} `invalid_configuration` if `@electric-sql/pglite`, an optional dependency, is not installed
 */
export async function openPglite(dataDir: string | undefined): Promise<Database> {
  const { PGlite } = await importPglite();
  const unlock = dataDir === undefined ? () => {} : lockFolder(dataDir);
  const pglite = await open(PGlite, dataDir, unlock);
  const sql = (connection: Pick<PGlite, 'query' | 'exec'>): Sql => ({
    boss: fromPglite(connection),
    async query<Row>(text: string, values?: unknown[]) {
      return (await connection.query<Row>(text, values)).rows;
    },
  });
  const vacuum = setInterval(() => void pglite.exec('VACUUM (ANALYZE)').catch(() => {}), VACUUM_INTERVAL_MS);
  vacuum.unref();
  return {
    ...sql(pglite),
    backend: 'pglite',
    transaction: async (run) => await pglite.transaction(async (connection) => await run(sql(connection))),
    // nobody else has it open
    exclusively: (run) => run(),
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

async function open(
  pglite: Pick<typeof PGlite, 'create'>,
  dataDir: string | undefined,
  unlock: () => void,
): Promise<PGlite> {
  try {
    return await pglite.create(dataDir === undefined ? {} : { dataDir: join(dataDir, 'postgres') });
  } catch (error) {
    unlock();
    throw error;
  }
}

/** PGlite itself lets two processes open one folder, and then loses what they write. */
function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'sequencer.lock');
  const take = () => writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
  try {
    take();
  } catch {
    const owner = Number(readFileSync(path, 'utf8'));
    if (owner === process.pid || isAlive(owner))
      throw new HeuristError(
        `The data folder ${folder} is in use by process ${owner}. Stop it, or use another folder. If no such network runs, delete ${path}.`,
        { code: 'invalid_configuration' },
      );
    rmSync(path);
    take();
  }
  return () => rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
