import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import { copies, oneFile, withoutBareImports } from './one-file.ts';
import { secondCopy } from './second-copy.ts';

const packages = resolve(import.meta.dirname, '../../../packages');

/** Packages of the workspace that are never published: each package that uses one carries a copy. */
const bundled = ['server-kit', 'model-files', 'ui-graph', 'graph-plan', 'media-metadata'];
/** Where TypeScript finds them: what it resolves through `node_modules` stays an import in declarations. */
const paths = Object.fromEntries(bundled.map((name) => [`@heurist/${name}/*`, [`${packages}/${name}/src/*.ts`]]));

interface LibraryOptions {
  cjs?: boolean;
  carries?: RegExp[];
  base?: string;
  copied?: string[];
  second?: { of: string; for: string[] };
  splitting?: boolean;
}

/**
 * The one build of every library package: one bundled file per entry (many small files make an import several times
 * slower), source maps and types.
 *
 * @param entry - source files, one per subpath of the package's `exports`; or by the name of the file that is built
 * @param options - `cjs: false` for packages that depend on ESM-only packages; `carries`: published packages of which the files
 *   hold the part that is used, because an import of the whole package would take most of the time; `base`: see {@link oneFile};
 *   `copied`: see {@link copies}; `second`: see {@link secondCopy}; `splitting: false`: entries have copies of what they share, and no chunks
 */
export function library(
  entry: string[] | Record<string, string>,
  { cjs = true, carries = [], base, copied = [], second, splitting = true }: LibraryOptions = {},
): Options {
  // `npm start` runs what it builds and publishes nothing: declarations and CommonJS are most of the time of a build
  const isWhole = process.env.HEURIST_BUILD !== 'run';
  return defineConfig({
    entry,
    format: cjs && isWhole ? ['esm', 'cjs'] : ['esm'],
    dts: isWhole && { compilerOptions: { paths } },
    noExternal: [...bundled.map((name) => new RegExp(`^@heurist/${name}/`)), ...carries],
    // in CommonJS too: what is imported at the first call must be a file of its own
    splitting,
    plugins: [withoutBareImports],
    esbuildPlugins: [
      ...(second ? [secondCopy(second.of, second.for)] : []),
      ...copied.map(copies),
      ...(base ? [oneFile(base)] : []),
    ],
    sourcemap: true,
    clean: true,
    target: 'es2023',
  }) as Options;
}
