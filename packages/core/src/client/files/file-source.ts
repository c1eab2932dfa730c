import { type FileContent, isFileContent, type LocalFile } from '../../task/file-content.ts';
import { HeuristError } from '../../wire/errors.ts';
import { printableLine } from '../../wire/printable.ts';
import { findUnreadable, mediaTypeOf, SNIFFED_BYTES } from '../../wire/unreadable-media.ts';
import { builtIn } from './built-in.ts';

/** A file to upload: a path (Node, Bun, Deno), or what is in it. */
export type FileSource = string | FileContent;

const invalid = (message: string, cause?: unknown) => new HeuristError(message, { code: 'invalid_input', cause });

/** More than any network takes: a stream without end must not fill the memory. */
const MOST_BYTES = 2 ** 30;

/**
 * Opens a file to upload, and checks that it is an image, video or audio file. Messages never repeat what is in it.
 *
 * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
 */
export async function openFile(
  source: FileSource,
  signal?: AbortSignal,
  mostBytes: number = MOST_BYTES,
): Promise<Blob> {
  const name = typeof source === 'string' ? shown(source) : nameOf(source);
  const blob = typeof source === 'string' ? await openPath(source) : await openContent(source, signal, mostBytes);
  if (blob.size === 0) throw invalid(`${name} is empty (0 bytes). Choose another file.`);
  const start = await read(blob.slice(0, SNIFFED_BYTES), name);
  const unreadable = findUnreadable(start);
  if (unreadable)
    throw invalid(
      `${name} is ${unreadable.name}, which the network cannot read. Convert it to ${unreadable.convertTo} first.`,
    );
  const type = mediaTypeOf(start);
  if (!type)
    throw invalid(
      `${name} is not an image, video or audio file (its content decides, not its name). Use PNG, JPEG, WebP, GIF, MP4, WebM, MP3 or WAV.`,
    );
  return blob.slice(0, blob.size, type);
}

/** @throws {HeuristError} if a file on the disk changed after it was opened */
async function read(part: Blob, name: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch (error) {
    throw invalid(`${name} cannot be read: it was changed or removed meanwhile. Try again.`, error);
  }
}

/** A path may be text of any kind by mistake. */
const shown = (path: string) => `"${printableLine(path, 200)}${path.length > 200 ? '...' : ''}"`;

function nameOf(source: FileContent): string {
  return isFileContent(source) && isLocalFile(source) ? shown(source.name) : 'The file';
}

/** What was read of a stream: it can be read only once, and a task may be submitted again. */
const streams = new WeakMap<object, Promise<Blob>>();

/** @throws {HeuristError} `invalid_input` */
export async function openContent(source: FileContent, signal?: AbortSignal, mostBytes = MOST_BYTES): Promise<Blob> {
  if (!isFileContent(source)) throw noContent(source);
  if (isLocalFile(source)) return await source.open();
  if (source instanceof Blob || source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return new Blob([source as Uint8Array<ArrayBuffer>]);
  // a Blob of another realm would become its text, "[object Blob]"
  const foreign: object = source;
  if ('arrayBuffer' in foreign && typeof foreign.arrayBuffer === 'function')
    return new Blob([await foreign.arrayBuffer()]);
  // what only ends in the same name, as a WritableStream does
  if (!('getReader' in source || Symbol.asyncIterator in source)) throw noContent(source);
  let reading = streams.get(source);
  if (!reading) {
    reading = collect(source, signal, mostBytes);
    streams.set(source, reading);
  }
  return await reading;
}

async function collect(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  mostBytes: number,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of chunksOf(source, signal)) {
    if (!ArrayBuffer.isView(part))
      throw invalid(`A stream must yield bytes (got ${typeof part}). Read it without an encoding.`);
    bytes += part.byteLength;
    if (bytes > mostBytes) throw invalid(`The stream has more than ${mostBytes} bytes. Send a smaller file.`);
    // streams may use a buffer again
    parts.push(new Uint8Array(part));
  }
  return new Blob(parts);
}

async function* chunksOf(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { next, end } = 'getReader' in source ? readerOf(source) : iteratorOf(source);
  const stop = () => end(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    for (let step = await next(); !step.done; step = await next()) yield step.value;
  } catch (error) {
    if (HeuristError.isInstance(error)) throw error;
    throw invalid('The stream failed before its end, or was read before. Pass a new one.', error);
  } finally {
    signal?.removeEventListener('abort', stop);
    end();
  }
}

interface Steps {
  next(): Promise<{ done: true; value?: unknown } | { done?: false; value: Uint8Array }>;
  end(reason?: unknown): void;
}

function readerOf(stream: ReadableStream<Uint8Array>): Steps {
  const reader = stream.getReader();
  return {
    next: async () => (await reader.read()) as Awaited<ReturnType<Steps['next']>>,
    end: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}

function iteratorOf(source: AsyncIterable<Uint8Array>): Steps {
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: async () => await iterator.next(),
    end: () => void Promise.resolve(iterator.return?.()).catch(() => {}),
  };
}

function noContent(source: unknown): HeuristError {
  const kind = Object.prototype.toString.call(source).slice(8, -1);
  const advice =
    kind === 'URL'
      ? 'The network reads http(s) URLs itself: give one to the option.'
      : kind === 'Response'
        ? 'Pass its `body`.'
        : 'Read the file first.';
  return invalid(`A file must be a path, a Blob, bytes or a stream (got ${kind}). ${advice}`);
}

/** @throws {HeuristError} if it is a URL, or a file as text */
function requirePath(path: string): void {
  if (/^https?:\/\//i.test(path))
    throw invalid(`${shown(path)} is a URL, not a path. The network reads it itself: give it to the option as it is.`);
  if (/^data:/i.test(path))
    throw invalid('The file is a data: URL, not a path. Pass `await (await fetch(url)).blob()`.');
  if (/^[\w+/=\s-]{500,}$/.test(path))
    throw invalid("The file is base64 text, not a path. Pass bytes, as in `Buffer.from(text, 'base64')`.");
}

/** Also for one of another copy of this package. */
function isLocalFile(value: object): value is LocalFile {
  return Symbol.toStringTag in value && value[Symbol.toStringTag] === 'LocalFile';
}

/**
 * @param path - a path, or a `file:` URL
 * @throws {HeuristError} `invalid_input`
 */
export async function openPath(path: string): Promise<Blob> {
  requirePath(path);
  const fs = builtIn('fs');
  if (!fs) throw invalid('Only Node, Bun and Deno can read a path. Pass a Blob or bytes.');
  try {
    const place = /^file:/i.test(path) ? new URL(path) : path;
    if (!fs.statSync(place).isFile()) throw new Error('not a file');
    return await fs.openAsBlob(place);
  } catch (error) {
    throw invalid(
      `${shown(path)} cannot be read (${(error as { code?: string }).code ?? 'not a file'}). Check the path.`,
      error,
    );
  }
}
