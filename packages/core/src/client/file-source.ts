import { HeuristError } from '../wire/errors.ts';
import { sniffMediaType } from '../wire/media-type.ts';

/** A file to upload: a path (Node, Bun, Deno), or its bytes. */
export type FileSource = string | Blob | Uint8Array | ArrayBuffer;

const invalid = (message: string, cause?: unknown) => new HeuristError(message, { code: 'invalid_input', cause });

/**
 * Opens a file to upload, and checks that it is an image, video or audio file.
 *
 * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
 */
export async function openFile(source: FileSource): Promise<Blob> {
  const name = typeof source === 'string' ? `"${source}"` : 'The file';
  const blob = typeof source === 'string' ? await openPath(source) : new Blob([source as Uint8Array<ArrayBuffer>]);
  if (blob.size === 0) throw invalid(`${name} is empty (0 bytes). Choose another file.`);
  const type = sniffMediaType(new Uint8Array(await blob.slice(0, 16).arrayBuffer()));
  if (!type)
    throw invalid(
      `${name} is not an image, video or audio file (its content decides, not its name). Use PNG, JPEG, WebP, GIF, MP4 or WebM.`,
    );
  return blob.slice(0, blob.size, type);
}

async function openPath(path: string): Promise<Blob> {
  // bundlers for browsers cannot handle `import('node:fs')`
  const { process } = globalThis as { process?: { getBuiltinModule?(id: 'fs'): typeof import('node:fs') } };
  const fs = process?.getBuiltinModule?.('fs');
  if (!fs) throw invalid('Only Node, Bun and Deno can read a path. Pass a Blob or bytes.');
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
