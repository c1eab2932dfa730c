import { HeuristError } from '@heurist/core';
import { Backoff } from '@heurist/server-kit/backoff';
import { sleep } from '@heurist/server-kit/sleep';

/** How often an address is tried that refuses connections. */
const TRIES = 5;
/** An address that does not answer within this time, in milliseconds, is left to the time limit of the command. */
const PATIENCE_MS = 3000;

/**
 * Looks whether a network answers at all. The client tries a network that is down until its timeout: right for an app, while
 * somebody at a terminal has mistyped an address, or has started nothing yet.
 *
 * @throws {HeuristError} `connection_failed`
 */
export async function requireReachable(url: string, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ firstMs: 300, maxMs: 2000 });
  for (let left = TRIES - 1; ; left--) {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    try {
      // whatever it answers
      await fetch(new URL('healthz', url.endsWith('/') ? url : `${url}/`), {
        signal: AbortSignal.any([signal, timeout]),
      });
      return;
    } catch (cause) {
      signal.throwIfAborted();
      if (timeout.aborted) return;
      if (!left) throw new HeuristError(`${url} cannot be reached.`, { code: 'connection_failed', cause });
    }
    await sleep(backoff.next(), signal);
  }
}
