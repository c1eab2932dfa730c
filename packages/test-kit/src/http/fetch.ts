import type { Reply } from './reply.ts';
import type { Handle } from './socket.ts';

/** A `fetch` that reaches the sequencer without a socket. What breaks a connection rejects as it does in Node. */
export function createFetch(handle: Handle, isDown: () => boolean): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    if (isDown()) throw failed('ECONNREFUSED');
    const bytes = new Uint8Array(await request.arrayBuffer());
    const { method, headers } = request;
    const call = { method, url: new URL(request.url), headers: Object.fromEntries(headers), bytes, signal };
    const outcome = await untilAborted(handle(call), signal);
    if (outcome === 'hang') return await untilAborted(new Promise<never>(() => {}), signal);
    if (outcome === 'reset') throw failed('ECONNRESET');
    // a Response with one of these must have no body
    const isBare = [204, 205, 304].includes(outcome.status);
    return new Response(isBare ? null : bodyOf(outcome, signal), outcome);
  };
}

function failed(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function bodyOf({ body, isCut }: Reply, signal: AbortSignal): ReadableStream<Uint8Array> {
  const whole = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
  return new ReadableStream({
    async start(controller) {
      signal.addEventListener('abort', () => controller.error(signal.reason), { once: true });
      for await (const chunk of whole) {
        if (signal.aborted) return;
        controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      }
      if (signal.aborted) return;
      if (isCut) controller.error(new TypeError('terminated', { cause: { code: 'UND_ERR_SOCKET' } }));
      else controller.close();
    },
  });
}
