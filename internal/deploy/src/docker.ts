import { tmpdir } from 'node:os';
import { run } from '@heurist/release/run';

/** Runs a command of Docker. Returns what it prints. */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { cwd: tmpdir() })).trim();
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
