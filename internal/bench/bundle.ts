// What an app that upscales ships to a browser: the client and one workflow, minified, gzip -9. Against heurist@0.0.43.
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { printTable } from './support/statistics.ts';

async function measure(contents: string, external: string[] = []) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    logLevel: 'error',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

const ours = `export { Heurist } from '@heurist/core'; export { UpscalerTask } from '@heurist/upscaler';`;
const cases: [string, string, string[]?][] = [
  ['{ Heurist } + { UpscalerTask }', ours],
  ['the same without ky and zod', ours, ['ky', 'zod', 'zod/mini']],
  ['{ Heurist }', `export { Heurist } from '@heurist/core';`],
  ...readdirSync(new URL('../../packages/workflows', import.meta.url)).map((name): [string, string, string[]] => [
    `@heurist/${name} on top of core`,
    `export * from '@heurist/${name}';`,
    ['@heurist/core', '@heurist/core/*', 'zod/mini'],
  ]),
  ['ky', `export { default } from 'ky';`],
  ['heurist@0.0.43 (default export)', `export { default } from 'heurist-reference';`, []],
];
const results = await Promise.all(
  cases.map(async ([name, code, external]) => ({ name, ...(await measure(code, external)) })),
);
const base = results[0]!.gzip;
printTable([
  ['bundle', 'minified', 'gzip', 'ratio to the first'],
  ...results.map(({ name, minified, gzip }) => [name, `${minified}`, `${gzip}`, (gzip / base).toFixed(2)]),
]);
console.log(`aim: 17000 or less; ratio to the aim ${(base / 17_000).toFixed(2)}`);
