/** The body of a request, which fails once it is larger than it may be. */
export class LimitedBody {
  readonly stream: ReadableStream<Uint8Array>;
  #isTooLarge: boolean;

  constructor({ headers, body }: Request, maxBytes: number) {
    this.#isTooLarge = Number(headers.get('content-length') ?? 0) > maxBytes;
    let bytes = 0;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        this.#isTooLarge ||= bytes > maxBytes;
        if (this.#isTooLarge) controller.error(new Error('The body is too large.'));
        else controller.enqueue(chunk);
      },
    });
    this.stream = (body ?? new Blob([]).stream()).pipeThrough(count);
  }

  /** By what it declares, or by what has arrived. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }
}

/** The JSON object of a body; `undefined` if it is none. */
export async function readObject(
  request: Request,
  maxBytes: number,
): Promise<Record<string, unknown> | 'too large' | undefined> {
  const body = new LimitedBody(request, maxBytes);
  if (body.isTooLarge) return 'too large';
  try {
    const value: unknown = JSON.parse(await new Response(body.stream).text());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (body.isTooLarge) return 'too large';
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
