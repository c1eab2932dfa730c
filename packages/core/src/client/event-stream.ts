/** More than the state of any task takes, in characters: a preview, its parameters and thousands of outputs. */
const MAX_EVENT = 4_000_000;

/** A server-sent event. */
interface Message {
  /** Parsed as JSON. */
  data: unknown;
  id: string | undefined;
}

interface ReadOptions {
  signal?: AbortSignal;
  heard?: () => void;
  maxSize?: number;
}

/** Yields the data of each server-sent event in a body: each carries the whole state of its task, so its id is not needed. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadOptions = {},
): AsyncGenerator<unknown> {
  for await (const { data } of readMessages(body, options)) yield data;
}

/**
 * Yields each server-sent event in a body, with its data parsed as JSON. Event names and comments are ignored.
 * It ends with the signal, and fails when an event grows beyond `maxSize` characters. `heard` is called whenever something arrives.
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  { signal, heard, maxSize = MAX_EVENT }: ReadOptions,
): AsyncGenerator<Message> {
  let pieces: string[] = [];
  let size = 0;
  /** The last characters, in which the end of an event may have begun: what came before is not looked at again. */
  let tail = '';
  // not `for await`: Safari's streams have no async iterator
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener('abort', cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard?.();
      pieces.push(value);
      size += value.length;
      const recent = tail + value;
      tail = recent.slice(-3);
      if (/\n\r?\n/.test(recent)) {
        const events = pieces.join('').split(/\r?\n\r?\n/);
        pieces = events.splice(-1);
        size = pieces[0]?.length ?? 0;
        for (const event of events) {
          const data = [...event.matchAll(/^data: ?(.*)$/gm)].map(([, line]) => line).join('\n');
          if (data) yield { data: JSON.parse(data), id: /^id: ?(.*)$/m.exec(event)?.[1] };
        }
      }
      if (size > maxSize) throw new Error(`an event of more than ${maxSize} characters`);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
