/** `AbortSignal.any`, also where it is missing: in the edge runtime of Next and in React Native. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  if ('any' in AbortSignal) return AbortSignal.any([...signals]);
  const own = new AbortController();
  for (const signal of signals) {
    const abort = () => own.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: own.signal });
  }
  return own.signal;
}
