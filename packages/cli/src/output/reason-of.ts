import { printable } from '@heurist/core/protocol';
import { hideCredentialsIn } from '@heurist/server-kit/url-credentials';

/**
 * What an error says, for a terminal: it may quote what a miner or a server sent, or an address with a password. Some errors have no
 * message: those of WebAssembly's file systems, and what is no error.
 */
export function reasonOf(error: unknown): string {
  return hideCredentialsIn(printable(describe(error)));
}

function describe(error: unknown): string {
  const { message, code, errno, name } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (message) return message;
  return `The command failed (${code ?? (errno === undefined ? (name ?? String(error)) : `${name ?? 'error'} ${errno}`)}). Check that its folders can be written and that their disks have space.`;
}
