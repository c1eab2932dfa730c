/** Waits for work that does not heed a signal itself. An abort rejects at once with the reason; what comes of the work then, nobody hears. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).then(() => signal.removeEventListener('abort', abort));
  });
}
