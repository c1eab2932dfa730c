import { readdirSync } from 'node:fs';
import { type BundleSize, measureBundle } from '@heurist/build/bundle-size';
import type { PeerName } from './peers.ts';

/** Clients of other services, as an app imports them. */
export const peerPrograms: Partial<Record<PeerName, string>> = {
  '@fal-ai/client': `export { fal } from '@fal-ai/client';`,
  replicate: `export { default } from 'replicate';`,
  '@comfyorg/sdk': `export { Comfy } from '@comfyorg/sdk';`,
};

const client = `export { Heurist } from '@heurist/core';`;
const FIRST = '{ Heurist } + { UpscalerTask }';
const REFERENCE = 'heurist@0.0.43 (default export)';

const workflowNames = () => readdirSync(new URL('../../../packages/workflows', import.meta.url));
const added = (name: string) => `@heurist/${name}, on top of another workflow`;

/**
 * Bundles what apps import.
 *
 * @param conditions - of `exports`. Default: those of the published packages; `@heurist/source` needs no build.
 * @returns sizes, by a name to print
 */
export async function measureBundles(conditions?: string[]): Promise<Map<string, BundleSize>> {
  const measure = (program: string) => measureBundle(program, { from: import.meta.dirname, conditions });
  const programs = {
    [FIRST]: client + (await exportTask('upscaler')),
    '{ Heurist }': client,
    '{ HeuristError }': `export { HeuristError } from '@heurist/core';`,
    '{ verifyWebhook }': `export { verifyWebhook } from '@heurist/core/webhooks';`,
    [REFERENCE]: `export { default } from 'heurist-reference';`,
  };
  const whole = Object.entries(programs).map(async ([name, program]) => [name, await measure(program)] as const);
  const workflows = workflowNames().map(async (name) => {
    const other = client + (await exportTask(name === 'upscaler' ? 'text2image' : 'upscaler'));
    const [without, together] = [await measure(other), await measure(other + (await exportTask(name)))];
    return [added(name), difference(together, without)] as const;
  });
  return new Map(await Promise.all([...whole, ...workflows]));
}

/** What each workflow package adds by itself, to an app that has everything of core and zod already. */
export async function measureOwnCode(): Promise<Map<string, BundleSize>> {
  const measure = (program: string) => measureBundle(program, { from: import.meta.dirname });
  const core = `${client} export * from '@heurist/core'; export * from '@heurist/core/parameters';`;
  const without = await measure(core);
  const own = workflowNames().map(async (name) => {
    const together = await measure(core + (await exportTask(name)));
    return [`@heurist/${name}, its own code`, difference(together, without)] as const;
  });
  return new Map(await Promise.all(own));
}

/** The task class of a package. */
async function exportTask(name: string): Promise<string> {
  const task = Object.keys(await import(`@heurist/${name}`)).find((each) => each.endsWith('Task'));
  return ` export { ${task} } from '@heurist/${name}';`;
}

function difference(a: BundleSize, b: BundleSize): BundleSize {
  return { minified: a.minified - b.minified, gzip: a.gzip - b.gzip, later: a.later - b.later };
}

/** The figures of the README: kilobytes, gzipped, by the name of their mark. */
export function bundleFigures(sizes: ReadonlyMap<string, BundleSize>): Record<string, number> {
  const { gzip, later } = sizes.get(FIRST)!;
  const workflows = workflowNames().map((name) => sizes.get(added(name))!.gzip);
  const bytes = {
    'client-and-upscaler': gzip,
    'at-first-call': later,
    reference: sizes.get(REFERENCE)!.gzip,
    'smallest-workflow': Math.min(...workflows),
    'largest-workflow': Math.max(...workflows),
  };
  return Object.fromEntries(Object.entries(bytes).map(([name, count]) => [name, count / 1000]));
}
