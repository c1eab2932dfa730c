import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const NAMESPACE = 'second-copy';

/**
 * Gives some source files a copy of a package that other files do not share. It then holds no more of the package than they use: a
 * shared one holds what any file uses, and Node reads all of it.
 *
 * @param from - import that is copied, such as `zod/mini`
 * @param files - source files that get the copy
 */
export function secondCopy(from: string, files: readonly string[]): Plugin {
  const importers = new Set(files.map((file) => resolve(file)));
  return {
    name: NAMESPACE,
    setup({ onResolve, onLoad, resolve: find }) {
      onResolve({ filter: /^[^.]/ }, async ({ path, importer, namespace, resolveDir, kind }) => {
        if (path !== from || namespace === NAMESPACE || !importers.has(importer.replace(/\?.*/, ''))) return undefined;
        const found = await find(path, { resolveDir, kind, importer: 'first-copy' });
        return { path: found.path, namespace: NAMESPACE, sideEffects: false };
      });
      onResolve({ filter: /^\./, namespace: NAMESPACE }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path),
        namespace: NAMESPACE,
        sideEffects: false,
      }));
      onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        resolveDir: dirname(path),
      }));
    },
  };
}
