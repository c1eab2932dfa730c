import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../output/command-error.ts';
import { spellDev } from '../system/spelling.ts';
import type { StartDevNetwork } from './local-network.ts';

const PACKAGE = '@heurist/dev';

/**
 * Loads `@heurist/dev`, installed beside this package or in the `node_modules` of the current folder.
 *
 * @param purpose - what needs it, for the error, such as `heurist dev`
 * @throws {CommandError} if it is not installed
 */
export async function loadLocalNetwork(purpose: string): Promise<StartDevNetwork> {
  const path = resolveFrom(import.meta.url) ?? resolveFrom(join(process.cwd(), 'index.js'));
  if (!path)
    throw new CommandError(
      `${purpose} needs the package ${PACKAGE} (CPU engine and models), which is not installed. ` +
        `Add it with "npm install ${PACKAGE}", or start a local network with "${spellDev()}".`,
    );
  const { startLocalNetwork }: { startLocalNetwork: StartDevNetwork } = await import(pathToFileURL(path).href);
  return startLocalNetwork;
}

function resolveFrom(location: string): string | undefined {
  try {
    return createRequire(location).resolve(PACKAGE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
