import { HeuristError } from '../../wire/errors.ts';
import type { DownloadOptions } from '../../wire/task-result.ts';
import { builtIn } from './built-in.ts';
import { type Downloadable, type DownloadSettings, download } from './download.ts';

/**
 * Downloads an output to a file, which is written whole or not at all: beside its place first, and moved when it is complete.
 *
 * @returns the path
 * @throws {HeuristError} as `TaskOutput.save` does
 */
export async function saveFile(
  output: Downloadable,
  path: string,
  options: DownloadOptions,
  settings: DownloadSettings,
): Promise<string> {
  const fs = builtIn('fs/promises');
  if (!fs)
    throw new HeuristError(
      'Only Node, Bun and Deno can save a file. In a browser, offer `URL.createObjectURL(await output.blob())` as a download.',
      { code: 'unsupported' },
    );
  if (typeof path !== 'string' || !path)
    throw new HeuristError(`The path of a file must be text (got ${path === '' ? 'an empty one' : typeof path}).`, {
      code: 'invalid_input',
    });
  const named = { ...output, url: output.url, filename: output.filename ?? path };
  const partial = createPartial(fs, path);
  try {
    for await (const chunk of download(named, options, settings)) await partial.write(chunk);
    await partial.finish();
    return path;
  } finally {
    await partial.remove();
  }
}

/** The file beside its place. It appears with the first byte, so that a refused download leaves no folder behind. */
function createPartial(fs: typeof import('node:fs/promises'), path: string) {
  let temporary: string | undefined;
  /** Not `recursive`: where nothing can be made, as in /proc or once the working directory is gone, that never ends. */
  async function makeFolder(folder: string, parentOf: (path: string) => string): Promise<void> {
    if (await fs.stat(folder).catch(() => undefined)) return;
    const parent = parentOf(folder);
    if (parent !== folder) await makeFolder(parent, parentOf);
    await fs.mkdir(folder).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }

  let opened: Promise<import('node:fs/promises').FileHandle> | undefined;

  async function open() {
    const { dirname, join, resolve } = builtIn('path')!;
    const folder = dirname(resolve(path));
    await makeFolder(folder, dirname);
    temporary = join(folder, `.${crypto.randomUUID()}.part`);
    return await fs.open(temporary, 'wx');
  }
  const said = async <T>(writing: Promise<T>): Promise<T> => {
    try {
      return await writing;
    } catch (cause) {
      const { code } = cause as { code?: string };
      throw new HeuristError(
        `"${path}" cannot be written (${code}). Check the path, its permissions and the free space.`,
        { code: 'invalid_input', cause },
      );
    }
  };
  const file = () => {
    opened ??= open();
    return opened;
  };
  return {
    write: (chunk: Uint8Array) => said(file().then((handle) => handle.writeFile(chunk))),
    finish: () =>
      said(
        (async () => {
          const handle = await file();
          await handle.sync();
          await handle.close();
          await fs.rename(temporary as string, path);
        })(),
      ),
    async remove() {
      const handle = await opened?.catch(() => undefined);
      await handle?.close().catch(() => {});
      if (temporary) await fs.rm(temporary, { force: true }).catch(() => {});
    },
  };
}
