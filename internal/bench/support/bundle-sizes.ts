import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes of a bundle for browsers. */
export interface BundleSize {
  minified: number;
  gzip: number;
}

const client = `export { Heurist } from '@heurist/core';`;

/**
 * Bundles what apps import.
 *
 * @param conditions - of `exports`. Default: those of the published packages; `@heurist/source` needs no build.
 * @returns sizes, by a name to print
 */
export async function measureBundles(conditions?: string[]): Promise<Map<string, BundleSize>> {
  const both = await withTask('@heurist/upscaler');
  const workflows = await Promise.all(
    workflowNames().map(async (name): Promise<Case> => [`{ Heurist } + ${name}`, await withTask(name)]),
  );
  const cases: Case[] = [
    [FIRST, both],
    [OWN, both, ['ky', 'zod', 'zod/mini']],
    [WITHOUT_KY, both, ['ky']],
    [CLIENT, client],
    ...workflows,
    [REFERENCE, `export { default } from 'heurist-reference';`],
  ];
  const measured = cases.map(
    async ([name, contents, external = []]) => [name, await measure(contents, external, conditions)] as const,
  );
  return new Map(await Promise.all(measured));
}

/** Name, program, and what is left out of the bundle. */
type Case = [name: string, contents: string, external?: string[]];

const FIRST = '{ Heurist } + { UpscalerTask }';
const OWN = 'the same without ky and zod';
const WITHOUT_KY = 'the same without ky';
const CLIENT = '{ Heurist }';
const REFERENCE = 'heurist@0.0.43 (default export)';

const workflowNames = () =>
  readdirSync(new URL('../../../packages/workflows', import.meta.url)).map((name) => `@heurist/${name}`);

/** The client, and the task class of a package. */
async function withTask(name: string): Promise<string> {
  const task = Object.keys(await import(name)).find((each) => each.endsWith('Task'));
  return `${client} export { ${task} } from '${name}';`;
}

async function measure(contents: string, external: string[], conditions?: string[]): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    ...(conditions && { conditions }),
    logLevel: 'error',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** The figures of the README: kilobytes, gzipped, by the name of their mark. */
export function bundleFigures(sizes: ReadonlyMap<string, BundleSize>): Record<string, number> {
  const gzip = (name: string) => sizes.get(name)!.gzip;
  const whole = gzip(FIRST);
  const own = gzip(OWN);
  const added = workflowNames().map((name) => gzip(`{ Heurist } + ${name}`) - gzip(CLIENT));
  const bytes = {
    'client-and-upscaler': whole,
    'of-ky': whole - gzip(WITHOUT_KY),
    'of-zod': gzip(WITHOUT_KY) - own,
    'of-ours': own,
    reference: gzip(REFERENCE),
    'smallest-workflow': Math.min(...added),
    'largest-workflow': Math.max(...added),
  };
  return Object.fromEntries(Object.entries(bytes).map(([name, count]) => [name, count / 1000]));
}
