import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Variables of an outer npm or test, which would decide for an inner one: Next reads no .env.local in a test. */
const OUTER = /^npm_|^INIT_CWD$|^HEURIST_|^NODE_ENV$|^VITEST/i;

/** The environment of somebody who knows nothing of this workspace. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTER.test(name)));

/**
 * Runs a program to its end.
 *
 * @param options - `timeout`: milliseconds after which it is ended. Default: none
 * @returns what it printed
 * @throws {Error} with everything that it printed, if it fails
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeout }: { cwd: string; env?: NodeJS.ProcessEnv; timeout?: number },
): Promise<string> {
  try {
    const options = { cwd, env: { ...cleanEnvironment(), ...env }, maxBuffer: 64_000_000, timeout };
    return (await promisify(execFile)(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause: error });
  }
}
