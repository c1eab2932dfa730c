// Needs Node, Bun or Deno.
import { HeuristError, TaskAbortedError } from './wire/errors.ts';
import type { TaskOutput } from './wire/task-result.ts';

export { lookupPublic, namesHiddenAddress } from '@heurist/server-kit/public-address';

/** Options of {@link saveOutput}. */
export interface SaveOptions {
  /** Aborts the download. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt; four retries follow. Default 600000. */
  timeout?: number | undefined;
}

/**
 * Downloads an output and saves it. The file is written whole or not at all, after its SHA-256 was compared with the
 * miner's.
 *
 * @param path - target file; missing folders are created
 * @returns the path
 * @throws {HeuristError} `connection_failed` if the download fails, `invalid_reply` if the file arrived damaged, `invalid_input` if it
 * cannot be written, `aborted`
 */
export async function saveOutput(
  output: Pick<TaskOutput, 'url'> & Partial<TaskOutput>,
  path: string,
  { signal, timeout = 600_000 }: SaveOptions = {},
): Promise<string> {
  const bytes = await download(output.url, timeout, signal);
  // they would make an import of this file twice as slow
  const [{ createHash, randomUUID }, { mkdir, rename, rm, writeFile }, { dirname, resolve }] = await Promise.all([
    import('node:crypto'),
    import('node:fs/promises'),
    import('node:path'),
  ]);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (output.sha256 && output.sha256 !== hash)
    throw new HeuristError(`The output ${output.filename ?? path} arrived damaged. Download it again.`, {
      code: 'invalid_reply',
      isRetryable: true,
    });
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    // resolved: with a relative path, mkdir never ends once the working directory is gone
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    const { code } = cause as { code?: string };
    throw new HeuristError(
      `"${path}" cannot be written (${code}). Check the path, its permissions and the free space.`,
      {
        code: 'invalid_input',
        cause,
      },
    );
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
  return path;
}

async function download(url: string, timeout: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  // most of the cost of an import is ky's
  const { ky } = await import('./wire/ky.ts');
  try {
    // setTimeout has no longer delays
    const options = {
      timeout: Math.min(timeout, 2 ** 31 - 1),
      retry: { limit: 4, retryOnTimeout: true },
      ...(signal && { signal }),
    };
    return new Uint8Array(await ky.get(url, options).arrayBuffer());
  } catch (cause) {
    if (signal?.aborted) throw new TaskAbortedError(signal.reason, undefined, undefined, 'the download');
    const status = (cause as { response?: Response }).response?.status;
    throw new HeuristError(
      `The output cannot be downloaded${status ? ` (status ${status})` : ''}. Its URL may have expired: query the task for a new one.`,
      { code: 'connection_failed', isRetryable: true, status, cause },
    );
  }
}
