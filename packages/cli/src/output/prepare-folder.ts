import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';

const reasons: Record<string, string> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of it is a file',
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
    mkdirSync(folder, { recursive: true });
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

function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
