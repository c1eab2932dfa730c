// What an app pays for what it imports, in bytes of the built packages: limits, so that no change makes them heavier unseen.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BundleSize, measureBundle } from '@heurist/build/bundle-size';
import { expect, test } from 'vitest';

const workflows = readdirSync(resolve(import.meta.dirname, '../../../packages/workflows'));
const measure = (program: string): Promise<BundleSize> => measureBundle(program, { from: import.meta.dirname });
const heurist = `export { Heurist } from '@heurist/core';`;
const upscaler = `export { UpscalerTask } from '@heurist/upscaler';`;

test.each([
  ['{ Heurist, UpscalerTask }', heurist + upscaler, 12_500],
  ['{ Heurist }', heurist, 5000],
  ['{ HeuristError }', `export { HeuristError } from '@heurist/core';`, 1000],
  ['{ verifyWebhook }', `export { verifyWebhook } from '@heurist/core/webhooks';`, 3000],
])('%s stays within its limit', async (_, program, limit) => {
  expect((await measure(program)).gzip).toBeLessThanOrEqual(limit);
});

test('ky, waiting and uploads are loaded at the first call, and only once', async () => {
  const { gzip, later } = await measure(heurist + upscaler);
  expect(later).toBeGreaterThan(8000);
  // uploads, downloads and runs of many tasks are most of what came since 28,000
  expect(gzip + later).toBeLessThan(34_500);
});

test.each(workflows)('%s adds less than 1 kB of its own', async (name) => {
  const task = `export * from '@heurist/${name}';`;
  const shared = `${heurist}export * from '@heurist/core'; export * from '@heurist/core/parameters';`;
  const [without, together] = [await measure(shared), await measure(shared + task)];
  expect(together.gzip - without.gzip).toBeLessThan(1000);
});

test.each(workflows)(
  '%s adds less than 2 kB to an app that has another workflow, checks of numbers included',
  async (name) => {
    const task = `export * from '@heurist/${name}';`;
    const other = heurist + (name === 'upscaler' ? `export { Text2ImageTask } from '@heurist/text2image';` : upscaler);
    const [without, together] = [await measure(other), await measure(other + task)];
    expect(together.gzip - without.gzip).toBeLessThan(2000);
  },
);

test('an import of the client loads neither ky nor zod, and few files', async () => {
  const files = await filesOf(join(import.meta.dirname, '../node_modules/@heurist/core/dist/index.js'));
  expect(files.length).toBeLessThanOrEqual(3);
});

/** The files that Node loads for an import, but for those of packages. */
async function filesOf(entry: string): Promise<string[]> {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    format: 'esm',
    splitting: true,
    outdir: 'out',
    write: false,
    metafile: true,
  });
  const paths = new Set(Object.keys(metafile.inputs).filter((path) => path.endsWith('index.js')));
  for (const path of paths)
    for (const imported of metafile.inputs[path]?.imports ?? [])
      if (imported.kind === 'import-statement') paths.add(imported.path);
  return [...paths];
}
