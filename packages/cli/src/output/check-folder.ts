import { rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
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
 * Checks that files can be saved in a folder, or that it can be made, before the work begins. Nothing is left behind.
 *
 * @throws {CommandError} if nothing could be saved there
 */
export function checkFolder(folder: string, { flag, what }: NamedFolder = OUT): void {
  if (!folder) throw new CommandError(`${flag} is empty. Pass the path of a folder.`);
  // as a path it would be folders, named after a host and a password
  if (/^[a-z][\w+.-]+:\/\//i.test(folder))
    throw new CommandError(`${flag} "${hideCredentials(folder)}" is an address. Pass the path of a folder.`);
  let probe = '';
  try {
    probe = join(nearestFolder(resolve(folder)), `.heurist-${crypto.randomUUID()}`);
    writeFileSync(probe, 'can be written');
    rmSync(probe);
  } catch (cause) {
    if (probe) rmQuietly(probe);
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      `${what} cannot be saved in ${flag} "${folder}" (${reasons[code] ?? code}). Choose a folder that can be written.`,
      { cause },
    );
  }
}

/**
 * The folder, or the one in which it would be made. Making it is no test: Node's recursive mkdir runs for ever where nothing can be
 * made, such as in /proc.
 */
function nearestFolder(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return path;
  if (found) throw Object.assign(new Error(`${path} is a file.`), { code: 'ENOTDIR' });
  return nearestFolder(dirname(path));
}

function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
