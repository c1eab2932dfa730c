import { statSync } from 'node:fs';
import { useEnvProxy } from '@heurist/server-kit/env-proxy';
import { CommandError } from '../output/command-error.ts';

/**
 * Reads the `.env` file of the current folder, if there is one, and uses the proxy that the environment names.
 *
 * @throws {CommandError} if one of them is not usable
 */
export function readEnvironment(): void {
  const found = statSync('.env', { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new CommandError('.env is a folder here. Rename it, or start the command elsewhere.');
  try {
    if (found) process.loadEnvFile('.env');
  } catch (cause) {
    throw new CommandError(`.env cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  try {
    useEnvProxy();
  } catch (cause) {
    const message =
      'HTTP_PROXY or HTTPS_PROXY is not the address of a proxy. Use one such as http://proxy.example.com:3128.';
    throw new CommandError(message, { cause });
  }
}
