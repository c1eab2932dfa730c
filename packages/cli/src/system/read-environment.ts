import { readFileSync, statSync } from 'node:fs';
import tls from 'node:tls';
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
  const before = process.env.NODE_EXTRA_CA_CERTS;
  try {
    if (found) process.loadEnvFile('.env');
  } catch (cause) {
    throw new CommandError(`.env cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  trustExtra(process.env.NODE_EXTRA_CA_CERTS, process.env.NODE_EXTRA_CA_CERTS !== before);
  try {
    useEnvProxy();
  } catch (cause) {
    const message =
      'HTTP_PROXY or HTTPS_PROXY is not the address of a proxy. Use one such as http://proxy.example.com:3128.';
    throw new CommandError(message, { cause });
  }
}

/**
 * Node reads the file at its start, so before `.env`, and goes on without it if it cannot be read.
 *
 * @throws {CommandError} if the file cannot be used
 */
function trustExtra(path: string | undefined, isNew: boolean): void {
  if (!path) return;
  try {
    const extra = readFileSync(path, 'utf8');
    // Node before 22.19 has no such function: the variable then belongs into its own environment
    if (isNew) tls.setDefaultCACertificates?.([...tls.getCACertificates('default'), extra]);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new CommandError(
      `NODE_EXTRA_CA_CERTS "${path}" cannot be used (${reason}). It must be a file of certificates in PEM.`,
      {
        cause,
      },
    );
  }
}
