import { HeuristError } from '../../wire/errors.ts';
import { describeUnreadable, sniffMediaType } from '../../wire/media-type.ts';
import { printableLine } from '../../wire/printable.ts';

/** A file to upload: a path (Node, Bun, Deno), or its bytes. */
export type FileSource = string | Blob | Uint8Array | ArrayBuffer;

const invalid = (message: string, cause?: unknown) => new HeuristError(message, { code: 'invalid_input', cause });

/**
 * Opens a file to upload, and checks that it is an image, video or audio file. Messages never repeat what is in it.
 *
 * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
 */
export async function openFile(source: FileSource): Promise<Blob> {
  const name = typeof source === 'string' ? shown(source) : 'The file';
  const blob = typeof source === 'string' ? await openPath(source) : openBytes(source);
  if (blob.size === 0) throw invalid(`${name} is empty (0 bytes). Choose another file.`);
  const type = sniffMediaType(new Uint8Array(await blob.slice(0, 64).arrayBuffer())) ?? '';
  const unreadable = describeUnreadable(type);
  if (unreadable)
    throw invalid(`${name} is ${unreadable}, which the network cannot read. Convert it to PNG or JPEG first.`);
  if (!type)
    throw invalid(
      `${name} is not an image, video or audio file (its content decides, not its name). Use PNG, JPEG, WebP, GIF, MP4, WebM, MP3 or WAV.`,
    );
  return blob.slice(0, blob.size, type);
}

/** A path may be text of any kind by mistake. */
const shown = (path: string) => `"${printableLine(path, 200)}${path.length > 200 ? '...' : ''}"`;

function openBytes(source: Exclude<FileSource, string>): Blob {
  // what is no bytes would become its text, as in "[object ReadableStream]"
  if (source instanceof Blob || source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return new Blob([source as Uint8Array<ArrayBuffer>]);
  const kind = Object.prototype.toString.call(source).slice(8, -1);
  const advice =
    kind === 'URL'
      ? 'The network reads http(s) URLs itself: give one to the option, as text. For a file, pass its path.'
      : 'Read it first, as in `await new Response(stream).blob()`.';
  throw invalid(`A file must be a path, a Blob or bytes (got ${kind}). ${advice}`);
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

async function openPath(path: string): Promise<Blob> {
  requirePath(path);
  // bundlers for browsers cannot handle `import('node:fs')`
  const { process } = globalThis as { process?: { getBuiltinModule?(id: 'fs'): typeof import('node:fs') } };
  const fs = process?.getBuiltinModule?.('fs');
  if (!fs) throw invalid('Only Node, Bun and Deno can read a path. Pass a Blob or bytes.');
  try {
    if (!fs.statSync(path).isFile()) throw new Error('not a file');
    return await fs.openAsBlob(path);
  } catch (error) {
    throw invalid(
      `${shown(path)} cannot be read (${(error as { code?: string }).code ?? 'not a file'}). Check the path.`,
      error,
    );
  }
}
