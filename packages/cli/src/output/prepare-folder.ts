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

/**
 * Makes the folder of `--out`, and writes into it, before the work begins.
 *
 * @throws {CommandError} if a result could not be saved there
 */
export function prepareFolder(folder: string): void {
  const probe = join(folder, `.heurist-${crypto.randomUUID()}`);
  try {
    makeFolders(resolve(folder));
    writeFileSync(probe, 'can be written');
    rmSync(probe);
  } catch (cause) {
    rmQuietly(probe);
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      `Results cannot be saved in --out "${folder}" (${reasons[code] ?? code}). Choose a folder that can be written.`,
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
