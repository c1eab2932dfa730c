import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const cache = join(import.meta.dirname, '../node_modules/.cache/postgres');

/**
 * Makes a data folder of a sequencer or a local network in which embedded Postgres has nothing to prepare: initdb takes it
 * seconds. It runs once for each version of it; every folder then gets a copy of the result, without any table.
 *
 * @returns the folder
 */
export async function prepareDataFolder(folder: string): Promise<string> {
  cpSync(await ensureTemplate(), join(folder, 'postgres'), { recursive: true });
  return folder;
}

/** Test files may run at the same time: the first that is done puts its template in place. */
async function ensureTemplate(): Promise<string> {
  const template = join(cache, versionOfPglite());
  if (existsSync(template)) return template;
  const draft = `${template}.${crypto.randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  await (await PGlite.create({ dataDir: draft })).close();
  try {
    renameSync(draft, template);
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
  return template;
}

function versionOfPglite(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')).version;
}
