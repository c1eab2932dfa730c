/** Ctrl-C and SIGTERM, as a signal. */
export interface StopRequest {
  /** Fires at the first of them. The second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Leaves them to the process again. */
  ignore(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Listens for Ctrl-C and SIGTERM. */
export function listenForStop(): StopRequest {
  const stop = new AbortController();
  const onSignal = () => (stop.signal.aborted ? process.exit(130) : stop.abort());
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
