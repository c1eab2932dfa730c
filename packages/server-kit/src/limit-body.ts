/** What this needs of a request that is being answered: a context of Hono has it. */
interface Asking {
  readonly req: { raw: Request; header(name: string): string | undefined };
  header(name: string, value: string): void;
}

/** How much of a body that is too large is read to its end, in multiples of the limit. */
const DISCARDED = 10;

/**
 * Middleware: refuses bodies of more than `maxBytes`, also those that do not declare their length.
 *
 * @param refuse - throws the error that is answered
 */
export function limitBody(maxBytes: number, refuse: () => never) {
  return async (c: Asking, next: () => Promise<void>): Promise<void> => {
    // HTTP itself enforces a declared length; counting would cost a tenth of a whole task
    const isShort = Number(c.req.header('content-length') ?? Number.NaN) <= maxBytes;
    if (isShort || !c.req.raw.body) return await next();
    const bytes = await readUpTo(c.req.raw.body, maxBytes);
    if (!bytes) {
      // what is still on its way must not be taken for the next request
      c.header('connection', 'close');
      refuse();
    }
    const { url, method, headers, signal } = c.req.raw;
    c.req.raw = new Request(url, { method, headers, signal, body: bytes });
    return await next();
  };
}

/**
 * The whole body, or `undefined` if it is too long. Reading goes on for a while then: many clients take an answer before the end of
 * their request for a broken connection.
 */
async function readUpTo(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read <= maxBytes) chunks.push(chunk);
    if (read > maxBytes * DISCARDED) break;
  }
  return read <= maxBytes ? new Uint8Array(Buffer.concat(chunks)) : undefined;
}
