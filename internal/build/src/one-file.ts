import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Builds the files that `base` exports from as one file, from which other entries import. By itself, esbuild makes a chunk of each
 * group of files that the same entries need, and Node takes more than half a millisecond for each.
 *
 * @param base - source file, an entry of the build
 */
export function oneFile(base: string): Plugin {
  const start = resolve(base);
  const exported = readFileSync(start, 'utf8').matchAll(/^export .+ from '(.+)';$/gm);
  const files = new Set([start, ...Array.from(exported, ([, path]) => resolve(dirname(start), path!))]);
  return {
    name: 'one-file',
    setup({ onResolve, initialOptions }) {
      const ending = initialOptions.outExtension?.['.js'] ?? '.js';
      onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, kind }) =>
        kind === 'entry-point' || files.has(importer) || !files.has(resolve(resolveDir, path))
          ? undefined
          : { path: `./${basename(base, '.ts')}${ending}`, external: true, sideEffects: false },
      );
    },
  };
}

/**
 * Gives each file that imports `path` a copy of it: less than a chunk of its own costs.
 *
 * @param path - source file, small and without state
 */
export function copies(path: string): Plugin {
  const file = resolve(path);
  return {
    name: 'copies',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) =>
        resolve(resolveDir, path) === file
          ? { path: file, suffix: `?${basename(importer)}`, sideEffects: false }
          : undefined,
      );
    },
  };
}

/**
 * Takes imports of chunks out that are for their side effects, in packages without any: Node would load and run the chunk.
 */
export const withoutBareImports: NonNullable<Options['plugins']>[number] = {
  name: 'without-bare-imports',
  // an empty line stays, for source maps
  renderChunk: (code) => ({ code: code.replaceAll(/^import "\.\/[\w-]+\.c?js";$/gm, '') }),
};
