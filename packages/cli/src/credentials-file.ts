import { existsSync, readFileSync } from 'node:fs';
import { CommandError } from './output/command-error.ts';

/** The first keys of a sequencer. */
export interface LocalCredentials {
  /** For apps: `HEURIST_API_KEY`. */
  consumer: string;
  /** For miners. */
  miner: string;
  /** For `heurist keys`: `HEURIST_OPERATOR_KEY`. */
  operator: string;
}

/**
 * The keys in a `credentials.json`; none if there is no such file.
 *
 * @throws {CommandError} if it cannot be read, or is not JSON
 */
export function readCredentials(path: string): Partial<LocalCredentials> {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) ?? {};
  } catch (cause) {
    const { code = 'not JSON' } = cause as NodeJS.ErrnoException;
    throw new CommandError(`The keys in ${path} cannot be read (${code}). Restore the file, or move it away.`, {
      cause,
    });
  }
}
