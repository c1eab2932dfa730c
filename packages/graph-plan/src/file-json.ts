import { findUnreadable, mediaTypeOf, printableLine } from '@heurist/core/protocol';
import { readMetadata } from '@heurist/media-metadata/metadata';
import { parsePythonJson } from '@heurist/server-kit/python-json';
import { textOf } from './file-text.ts';

/** Where a file would have a graph. */
export interface FileJson {
  /** The JSON of a file, or what the metadata of a picture, film, sound or model says, by name. */
  json: unknown;
  /** For files with metadata: what they are, such as "a PNG image". */
  format?: string;
}

/** A file is not what a graph is read from: the message says what it is. */
export class NoJsonError extends Error {}

const SAVED = 'a picture, film, sound or latent that ComfyUI saves';

/**
 * Reads the JSON of a file, or what its metadata says. The bytes count, not the name.
 *
 * @throws {NoJsonError} if it is of another kind
 */
export async function readFileJson(bytes: Uint8Array): Promise<FileJson> {
  const metadata = await readMetadata(bytes);
  if (metadata) return { json: byName(metadata.entries), format: metadata.format };
  const text = textOf(bytes);
  const other = findUnreadable(bytes)?.name ?? mediaTypeOf(bytes);
  if (!text?.trim() && text !== undefined) throw new NoJsonError('is empty.');
  if (other) throw new NoJsonError(`is ${other}, which holds no graph.`);
  if (text === undefined) throw new NoJsonError(`is neither JSON nor ${SAVED}.`);
  try {
    return { json: parsePythonJson(text, Number.MAX_VALUE) };
  } catch (cause) {
    const problem = printableLine((cause as Error).message).slice(0, 150);
    throw new NoJsonError(`is neither JSON (${problem}) nor ${SAVED}.`, { cause });
  }
}

/** FFmpeg and custom nodes write the names of ComfyUI in capitals. Of texts with one name, the first counts. */
function byName(entries: readonly { name: string; text: string }[]): Record<string, string> {
  const texts = new Map<string, string>();
  for (const { name, text } of entries) if (!texts.has(name.toLowerCase())) texts.set(name.toLowerCase(), text);
  return Object.fromEntries(texts);
}
