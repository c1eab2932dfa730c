/**
 * Passes a signal on until the request has ended. Node 22 takes the abort of an upload that is over for an error, which nobody can
 * catch.
 */
export async function whileItRuns<T>(
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  try {
    return await request(own.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
