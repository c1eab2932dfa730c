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

const ensureTemplate = () =>
  makeOnce(join(cache, versionOfPglite()), async (draft) => {
    await (await PGlite.create({ dataDir: draft })).close();
  });

/**
 * Makes a folder unless it is there. Test files may run at the same time: the first that is done puts its own in place.
 *
 * @returns the folder
 */
export async function makeOnce(folder: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${crypto.randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  await make(draft);
  try {
    renameSync(draft, folder);
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

function versionOfPglite(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')).version;
}
