// Needs Node, Bun or Deno.
import { fileURLToPath } from 'node:url';
import type { DownloadSettings } from './client/files/download.ts';
import type { LocalFile } from './task/file-content.ts';
import { localFile } from './task/local-file.ts';
import { HeuristError } from './wire/errors.ts';
import type { DownloadOptions, OutputDescription } from './wire/task-result.ts';

export { lookupPublic, namesHiddenAddress } from '@heurist/server-kit/public-address';
export type { LocalFile } from './task/file-content.ts';

/** Options of {@link saveOutput}. */
export type SaveOptions = DownloadOptions;

/**
 * A file for an option such as `image_url`: opened when its task is submitted, and uploaded once for each content.
 *
 * ```ts
 * new UpscalerTask({ image_url: file('./photo.jpg') });
 * ```
 *
 * @param source - a path, a `file:` URL, or a stream of Node
 * @throws {HeuristError} `invalid_input` for anything else; a file that is missing is reported by the submit
 */
export function file(source: string | URL | AsyncIterable<Uint8Array>): LocalFile {
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source)
    return localFile('stream', async () => (await loadFiles()).openContent(source));
  const isAddress = source instanceof URL || /^file:/i.test(String(source));
  const path =
    isAddress && URL.canParse(`${source}`) && new URL(`${source}`).protocol === 'file:'
      ? fileURLToPath(source)
      : source;
  if (typeof path !== 'string' || !path)
    throw new HeuristError(`A file must be a path, a file: URL or a stream (got ${shown(path)}).`, {
      code: 'invalid_input',
    });
  return localFile(path, async () => (await loadFiles()).openPath(path));
}

const shown = (value: unknown) =>
  typeof value === 'object' && value ? Object.prototype.toString.call(value).slice(8, -1) : JSON.stringify(value);

/** At first use: an import of this file takes less time without. */
const loadFiles = async () => await import('./client/files/file-source.ts');

const settings: DownloadSettings = { fetch: (...request) => fetch(...request) };

/**
 * Downloads an output and saves it, as `output.save(path)` does: for one that was read from JSON or a database. The file is written
 * whole or not at all, after its size and SHA-256 were compared with the miner's.
 *
 * @param path - target file; missing folders are created
 * @returns the path
 * @throws {HeuristError} `connection_failed` if the download fails, `invalid_reply` if the file arrived damaged, `invalid_input` if it
 * cannot be written, `aborted`
 */
export async function saveOutput(
  output: Pick<OutputDescription, 'url'> & Partial<OutputDescription>,
  path: string,
  options: SaveOptions = {},
): Promise<string> {
  const { saveFile } = await import('./client/files/save-file.ts');
  return await saveFile(output, path, options, settings);
}
