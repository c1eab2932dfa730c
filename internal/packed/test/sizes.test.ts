// What an app pays for what it imports, in bytes of the built packages: limits, so that no change makes them heavier unseen.
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BundleSize, measureBundle } from '@heurist/build/bundle-size';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';

const workflows = readdirSync(resolve(import.meta.dirname, '../../../packages/workflows'));
const measure = (program: string): Promise<BundleSize> => measureBundle(program, { from: import.meta.dirname });
const heurist = `export { Heurist } from '@heurist/core';`;
const upscaler = `export { UpscalerTask } from '@heurist/upscaler';`;

test.each([
  ['{ Heurist, UpscalerTask }', heurist + upscaler, 12_500],
  ['{ Heurist }', heurist, 4500],
  ['{ HeuristError }', `export { HeuristError } from '@heurist/core';`, 1000],
  ['{ verifyWebhook }', `export { verifyWebhook } from '@heurist/core/webhooks';`, 3000],
])('%s stays within its limit', async (_, program, limit) => {
  expect((await measure(program)).gzip).toBeLessThanOrEqual(limit);
});

test('ky, waiting and uploads are loaded at the first call, and only once', async () => {
  const { gzip, later } = await measure(heurist + upscaler);
  expect(later).toBeGreaterThan(8000);
  // waits and submits of many tasks together, uploads, downloads and runs of many tasks are most of what came since 28,000
  expect(gzip + later).toBeLessThan(39_500);
});

test.each(workflows)('%s adds less than 1 kB of its own', async (name) => {
  const task = `export * from '@heurist/${name}';`;
  const shared = `${heurist}export * from '@heurist/core'; export * from '@heurist/core/parameters';`;
  const [without, together] = [await measure(shared), await measure(shared + task)];
  expect(together.gzip - without.gzip).toBeLessThan(1000);
});

test.each(workflows)(
  '%s adds less than 1 kB to an app that has another workflow, checks of numbers included',
  async (name) => {
    const task = `export * from '@heurist/${name}';`;
    const other = heurist + (name === 'upscaler' ? `export { Text2ImageTask } from '@heurist/text2image';` : upscaler);
    const [without, together] = [await measure(other), await measure(other + task)];
    expect(together.gzip - without.gzip).toBeLessThan(1000);
  },
);

/**
 * What Node reads for an import of each entry of each package, its own files and those of our other packages: how many files, and
 * kilobytes. Each file takes time, and so does each kilobyte.
 */
const LIMITS: Record<string, [files: number, kilobytes: number]> = {
  '@heurist/core': [2, 33],
  '@heurist/core/definition': [4, 137],
  '@heurist/core/node': [2, 25],
  '@heurist/core/parameters': [3, 56],
  '@heurist/core/protocol': [6, 168],
  '@heurist/core/testing': [3, 22],
  '@heurist/core/webhooks': [2, 17],
  ...Object.fromEntries(workflows.map((name) => [`@heurist/${name}`, [5, 74]])),
  ...Object.fromEntries(workflows.map((name) => [`@heurist/${name}/definition`, [9, 220]])),
  heurist: [15, 93],
  'heurist/resource': [2, 1],
  'heurist/workflow': [14, 88],
  '@heurist/server': [10, 200],
  // never without the handler, which has the same files
  '@heurist/server/node': [10, 200],
  '@heurist/test-kit': [1, 61],
  '@heurist/cli': [44, 420],
  '@heurist/cli/credentials': [7, 36],
  '@heurist/dev': [28, 1130],
  '@heurist/dev/credentials': [8, 36],
  '@heurist/comfyui': [11, 245],
  '@heurist/engine': [12, 350],
  '@heurist/miner': [16, 505],
  '@heurist/sequencer': [15, 760],
  '@heurist/tiny-icons': [1, 1],
};

const root = resolve(import.meta.dirname, '../../..');

/** Entry -> its built file, of every package that is published. */
function builtEntries(): Record<string, string> {
  const manifests = globSync('packages/{*,*/*}/package.json', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  const entries = manifests.flatMap((path) => {
    const { name, private: isPrivate, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8'));
    if (isPrivate) return [];
    const files = Object.entries(exports as Record<string, Entry>).map(
      ([subpath, target]) => [join(name, subpath), target.import?.default ?? target.default] as const,
    );
    return files.flatMap(([entry, file]) => (file ? [[entry, join(root, dirname(path), file)]] : []));
  });
  return Object.fromEntries(entries);
}

interface Entry {
  import?: { default: string };
  default?: string;
}

const oursAlone: Plugin = {
  name: 'ours-alone',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      /^(@heurist\/|heurist$)/.test(path) ? undefined : { path, external: true },
    );
  },
};

/** What an import reads at once: the bytes of our files, and the names of what others make. What is imported later does not count. */
async function readBy(file: string): Promise<{ bytes: number[]; others: string[] }> {
  const { metafile } = await build({
    entryPoints: [file],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
    plugins: [oursAlone],
  });
  const paths = new Set([relative(root, file)]);
  const others = new Set<string>();
  // a set that grows is walked to its end
  for (const path of paths)
    for (const { path: imported, kind, external } of metafile.inputs[path]?.imports ?? [])
      if (kind === 'import-statement') (external ? others : paths).add(imported);
  return { bytes: Array.from(paths, (path) => metafile.inputs[path]!.bytes), others: [...others].sort() };
}

test.each(Object.entries(builtEntries()))(
  'an import of %s reads few files, and little of them',
  async (entry, file) => {
    const { bytes } = await readBy(file);
    const kilobytes = bytes.reduce((total, each) => total + each, 0) / 1000;
    const [mostFiles, mostKilobytes] = LIMITS[entry] ?? [0, 0];
    expect(bytes.length, 'files').toBeLessThanOrEqual(mostFiles);
    expect(kilobytes, 'kilobytes').toBeLessThanOrEqual(mostKilobytes);
  },
);

test.each([
  ['@heurist/core', []],
  ['@heurist/core/parameters', []],
  ['@heurist/core/webhooks', []],
  ['@heurist/upscaler', []],
  // those of HTTP and of hashes take as long as an empty program
  ['@heurist/core/node', ['dns', 'net']],
])('an import of %s reads what it needs at once, and no more', async (entry, modules) => {
  expect((await readBy(builtEntries()[entry]!)).others).toEqual(modules);
});
