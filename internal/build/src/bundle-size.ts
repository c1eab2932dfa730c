import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

/** Bytes of a bundle for browsers. */
export interface BundleSize {
  /** What is loaded before the app runs: minified, and minified and gzipped. */
  minified: number;
  gzip: number;
  /** What is loaded when it is first used, gzipped. */
  later: number;
}

interface BundleOptions {
  /** Folder from which packages are found. */
  from: string;
  /** Conditions of `exports`. Default: those of the published packages; `@heurist/source` needs no build. */
  conditions?: string[] | undefined;
  /** Packages that are left out. */
  external?: string[] | undefined;
}

/**
 * Bundles a program for browsers, as apps do: with code splitting, minified, gzip -9.
 *
 * @param program - source text, such as `export { Heurist } from '@heurist/core';`
 */
export async function measureBundle(program: string, options: BundleOptions): Promise<BundleSize> {
  const [split, whole] = [await bundle(program, options, true), await bundle(program, options, false)];
  // esbuild splits off what a program never loads, and then shares code with it
  return whole.gzip < split.gzip ? whole : split;
}

async function bundle(
  program: string,
  { from, conditions, external = [] }: BundleOptions,
  splitting: boolean,
): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: from },
    absWorkingDir: from,
    bundle: true,
    splitting,
    minify: true,
    metafile: true,
    write: false,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    ...(conditions && { conditions }),
    logLevel: 'error',
  });
  const [first, all] = [reached(metafile.outputs, false), reached(metafile.outputs, true)];
  const size: BundleSize = { minified: 0, gzip: 0, later: 0 };
  for (const { path, contents } of outputFiles) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const gzip = gzipSync(contents, { level: 9 }).length;
    if (first.has(name)) {
      size.minified += contents.length;
      size.gzip += gzip;
    } else if (all.has(name)) size.later += gzip;
  }
  return size;
}

/** Names of the files that the entry imports: at once, or also later. */
function reached(outputs: Metafile['outputs'], isLaterToo: boolean): Set<string> {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === '<stdin>');
  const paths = new Set(entry ? [entry] : []);
  // a set that grows is walked to its end
  for (const path of paths)
    for (const imported of outputs[path]?.imports ?? [])
      if (outputs[imported.path] && (isLaterToo || imported.kind === 'import-statement')) paths.add(imported.path);
  return new Set(Array.from(paths, (path) => path.slice(path.lastIndexOf('/') + 1)));
}
