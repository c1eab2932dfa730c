import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../..');

/** Copies what git knows or would add, as it is now, into a folder that exists. */
export async function copyWorkingTree(folder: string): Promise<void> {
  const files = 'git ls-files -z --cached --others --exclude-standard';
  // a file that was deleted and not committed is still listed
  const line = `${files} | tar -c --null -T - --ignore-failed-read | tar -x -C "${folder}"`;
  await promisify(execFile)('bash', ['-c', line], { cwd: root });
}
