import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a command of Docker. Returns what it prints. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 64e6 });
  return stdout.trim();
}

/**
 * Why tests that need Docker are skipped; empty if they are not.
 *
 * @param base - image that they build on
 */
export async function whyNoDocker(base: string): Promise<string> {
  if (!(await succeeds('info'))) return 'skipped: no Docker runs here';
  if (await succeeds('image', 'inspect', base)) return '';
  return (await succeeds('pull', '--quiet', base)) ? '' : `skipped: Docker cannot get ${base}`;
}

async function succeeds(...args: string[]): Promise<boolean> {
  return docker(...args).then(
    () => true,
    () => false,
  );
}
