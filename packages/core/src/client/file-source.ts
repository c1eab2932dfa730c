import { HeuristError } from '../wire/errors.ts';
import { sniffMediaType } from '../wire/media-type.ts';

/** A file to upload: a path (Node, Bun, Deno), or its bytes. */
export type FileSource = string | Blob | Uint8Array | ArrayBuffer;

const invalid = (message: string, cause?: unknown) => new HeuristError(message, { code: 'invalid_input', cause });

/**
 * Opens a file to upload and makes sure that it is a picture, a video or a sound.
 *
 * @throws {HeuristError} `invalid_input` for a missing or empty file, or one of another kind
 */
export async function openFile(source: FileSource): Promise<Blob> {
  const name = typeof source === 'string' ? `"${source}"` : 'The file';
  const blob = typeof source === 'string' ? await openPath(source) : new Blob([source as Uint8Array<ArrayBuffer>]);
  if (blob.size === 0) throw invalid(`${name} is empty (0 bytes). Choose another file.`);
  const type = sniffMediaType(new Uint8Array(await blob.slice(0, 16).arrayBuffer()));
  if (!type)
    throw invalid(
      `${name} is no picture, video or sound (by its content, not its name). Use PNG, JPEG, WebP, GIF, MP4 or WebM.`,
    );
  return blob.slice(0, blob.size, type);
}

async function openPath(path: string): Promise<Blob> {
  // not `import('node:fs')`, which bundlers for browsers stumble over
  const { process } = globalThis as { process?: { getBuiltinModule?(id: 'fs'): typeof import('node:fs') } };
  const fs = process?.getBuiltinModule?.('fs');
  if (!fs) throw invalid('A path can be read only by Node, Bun or Deno. Pass a Blob or bytes.');
  try {
    if (!fs.statSync(path).isFile()) throw new Error('not a file');
    return await fs.openAsBlob(path);
  } catch (error) {
    throw invalid(
      `"${path}" cannot be read (${(error as { code?: string }).code ?? 'not a file'}). Check the path.`,
      error,
    );
  }
}
