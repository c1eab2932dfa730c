import { defineConfig, type Options } from 'tsup';

/**
 * The one build of every library package: one bundled file per entry (many small files make an import several times
 * slower), source maps and types.
 *
 * @param entry - source files, one per subpath of the package's `exports`
 * @param options - `cjs: false` for packages that depend on ESM-only packages
 */
export function library(entry: string[], { cjs = true }: { cjs?: boolean } = {}): Options {
  return defineConfig({
    entry,
    format: cjs ? ['esm', 'cjs'] : ['esm'],
    dts: true,
    sourcemap: true,
    clean: true,
    target: 'es2023',
  }) as Options;
}
