// Needs Node, Bun or Deno.
import type { DownloadSettings } from './client/files/download.ts';
import { saveFile } from './client/files/save-file.ts';
import type { DownloadOptions, OutputDescription } from './wire/task-result.ts';

export { lookupPublic, namesHiddenAddress } from '@heurist/server-kit/public-address';

/** Options of {@link saveOutput}. */
export type SaveOptions = DownloadOptions;

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
  return await saveFile(output, path, options, settings);
}
