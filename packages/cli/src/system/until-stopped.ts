import { constants } from 'node:os';
import { CommandError } from '../output/command-error.ts';

/** Ctrl-C and SIGTERM, as a signal. */
export interface StopRequest {
  /**
   * Fires at the first of them; the second one ends the process at once. Its reason is an error that says so, with the exit
   * code that shells expect: 130 for Ctrl-C, 143 for SIGTERM.
   */
  readonly signal: AbortSignal;
  /** Leaves them to the process again. */
  ignore(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Listens for Ctrl-C and SIGTERM. */
export function listenForStop(): StopRequest {
  const stop = new AbortController();
  const onSignal = (name: (typeof SIGNALS)[number]) => {
    const exitCode = 128 + constants.signals[name];
    if (stop.signal.aborted) process.exit(exitCode);
    stop.abort(new CommandError('Canceled before a task was submitted.', { code: 'aborted', exitCode }));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: stop.signal,
    ignore() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** Resolves at the first Ctrl-C or SIGTERM. A second one ends the process at once. */
export async function untilStopped(): Promise<void> {
  const { signal } = listenForStop();
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
