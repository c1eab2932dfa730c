import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from './command-error.ts';

const reasons: Record<string, string> = {
  EEXIST: 'a file is in the way',
  ENOTDIR: 'a file is in the way',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
};

/** A folder that an option names. */
export interface NamedFolder {
  /** Such as `--out`. */
  flag: string;
  /** What goes into it, such as `Results`. */
  what: string;
}

const OUT: NamedFolder = { flag: '--out', what: 'Results' };

/**
 * Makes a folder, and writes into it, before the work begins.
 *
 * @throws {CommandError} if nothing could be saved there
 */
export function prepareFolder(folder: string, { flag, what }: NamedFolder = OUT): void {
  if (!folder) throw new CommandError(`${flag} is empty. Pass the path of a folder.`);
  const probe = join(folder, `.heurist-${crypto.randomUUID()}`);
  try {
    makeFolders(resolve(folder));
    writeFileSync(probe, 'can be written');
    rmSync(probe);
  } catch (cause) {
    rmQuietly(probe);
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      `${what} cannot be saved in ${flag} "${folder}" (${reasons[code] ?? code}). Choose a folder that can be written.`,
      { cause },
    );
  }
}

/** One by one: Node's recursive mkdir runs for ever where nothing can be made, such as in /proc. */
function makeFolders(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (!found && dirname(path) !== path) makeFolders(dirname(path));
  mkdirSync(path);
}

function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
