// Needs Node, Bun or Deno.
import type { DownloadSettings } from './client/files/download.ts';
import type { LocalFile } from './task/file-content.ts';
import { HeuristError } from './wire/errors.ts';
import type { DownloadOptions, OutputDescription, TaskOutput } from './wire/task-result.ts';

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
  const isStream = typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
  const isAddress = source instanceof URL && source.protocol === 'file:';
  if (!isStream && !isAddress && !(typeof source === 'string' && source))
    throw new HeuristError(`A file must be a path, a file: URL or a stream (got ${shown(source)}).`, {
      code: 'invalid_input',
    });
  return {
    [Symbol.toStringTag]: 'LocalFile',
    name: isStream ? 'stream' : String(source),
    async open() {
      // an import of this file takes less time without
      const { openContent, openPath } = await import('./client/files/file-source.ts');
      return await (isStream ? openContent(source) : openPath(String(source)));
    },
  };
}

const shown = (value: unknown) =>
  typeof value === 'object' && value ? Object.prototype.toString.call(value).slice(8, -1) : JSON.stringify(value);

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
  output: Pick<TaskOutput, 'url'> & Partial<OutputDescription | TaskOutput>,
  path: string,
  options: SaveOptions = {},
): Promise<string> {
  const { saveFile } = await import('./client/files/save-file.ts');
  const { url, filename, sha256 } = output;
  return await saveFile({ url, filename, sha256, bytes: sizeOf(output) }, path, options, settings);
}

/** A description has its size as `bytes`, an output and its copies as `size`. */
function sizeOf(output: Partial<OutputDescription | TaskOutput>): number | undefined {
  if (typeof output.bytes === 'number') return output.bytes;
  return 'size' in output ? output.size : undefined;
}
