// What only Node (Bun, Deno) can do.
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HeuristError } from './wire/errors.ts';
import { ky } from './wire/ky.ts';
import type { TaskOutput } from './wire/task-result.ts';

export { lookupPublic, namesHiddenAddress } from '@heurist/server-kit/public-address';

/**
 * Downloads an output and saves it. The file appears whole or not at all, and its bytes are what the miner made: size
 * and SHA-256 are compared.
 *
 * @param path - where to; folders are made
 * @returns the path
 * @throws {HeuristError} `connection_failed` when it cannot be fetched, `invalid_reply` when it arrived damaged
 */
export async function saveOutput(
  output: Pick<TaskOutput, 'url'> & Partial<TaskOutput>,
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<string> {
  const bytes = await download(output.url, signal);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (output.sha256 && output.sha256 !== hash)
    throw new HeuristError(`The output ${output.filename ?? path} arrived damaged. Fetch it again.`, {
      code: 'invalid_reply',
      isRetryable: true,
    });
  const temporary = `${path}.${process.pid}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const options = { timeout: 600_000, retry: { limit: 4, retryOnTimeout: true }, ...(signal && { signal }) };
    return new Uint8Array(await ky.get(url, options).arrayBuffer());
  } catch (cause) {
    signal?.throwIfAborted();
    const status = (cause as { response?: Response }).response?.status;
    throw new HeuristError(
      `The output cannot be fetched${status ? ` (status ${status})` : ''}. Its address may have expired: query the task for a fresh one.`,
      { code: 'connection_failed', isRetryable: true, status, cause },
    );
  }
}
