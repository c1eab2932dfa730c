import type { ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { createRandom, pick } from '@heurist/test-servers/random';
import { spoilers } from './spoilers.ts';

/** The graphs that are recorded. */
const RECORDED = { seed: 33, count: 300 };
/** The share of those that have one thing spoiled; the others have two. */
const SIMPLE = 0.8;
/** Templates that are tried until one has what a spoiler spoils. */
const TRIES = 200;

/** A graph with something wrong. */
export interface SpoiledGraph {
  name: string;
  graph: Graph;
}

/**
 * Spoils templates, always in the same way: each spoiler has its turns.
 *
 * @param sound - names of the templates to take
 */
export function spoiledGraphs(
  templates: Record<string, { exported: Graph }>,
  sound: readonly string[],
  info: ObjectInfo,
  { seed, count } = RECORDED,
): SpoiledGraph[] {
  const random = createRandom(seed);
  const kinds = Object.entries(spoilers);
  return Array.from({ length: count }, (_, index) => {
    const [kind, spoil] = kinds[index % kinds.length]!;
    for (let tries = 0; tries < TRIES; tries++) {
      const template = pick(random, sound);
      const graph = structuredClone(templates[template]!.exported);
      const work = { graph, info, random };
      // the second before the first: some leave nothing that another could work on
      const second = index < SIMPLE * count ? '' : spoilers['an odd value']!(work);
      const where = second === undefined ? undefined : spoil(work);
      if (where !== undefined)
        return { name: `${index} ${template}: ${second && `${second}, `}${kind} ${where}`, graph };
    }
    throw new Error(`No template has what "${kind}" spoils.`);
  });
}
