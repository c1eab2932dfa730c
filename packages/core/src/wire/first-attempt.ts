/** What came of an attempt: an answer, read if its status is good, or an error of `fetch`. */
export type Outcome = { response: Response; text?: string } | { error: unknown };

/**
 * Sends a request once, without the HTTP client: nearly every call succeeds at once, and then costs a fraction of the memory. What
 * failed is replayed to the client (`replay`), which judges it as its own first attempt.
 *
 * @throws what the signal says
 */
export async function attemptOnce(
  send: (signal: AbortSignal) => Promise<Response>,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  // setTimeout fires immediately if the delay is longer than it supports
  const timer = setTimeout(() => stop.abort(late()), Math.min(timeout, 2 ** 31 - 1));
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    const response = await send(stop.signal);
    return response.ok ? { response, text: await response.text() } : { response };
  } catch (error) {
    signal?.throwIfAborted();
    return { error };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** The name by which the HTTP client knows an attempt that took too long. */
const late = () => new DOMException('The attempt took too long.', 'TimeoutError');

/** The outcome once more, as `fetch` would have it. */
export async function replay(outcome: Outcome): Promise<Response> {
  if ('error' in outcome) throw outcome.error;
  const { response, text } = outcome;
  // a Response with one of these must have no body
  const isBare = [204, 205, 304].includes(response.status);
  return text === undefined ? response : new Response(isBare ? null : text, response);
}
