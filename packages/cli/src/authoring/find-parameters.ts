import type { Graph } from '@heurist/core/definition';
import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { findFiles } from './find/find-files.ts';
import { findModels } from './find/find-models.ts';
import { findOutputs } from './find/find-outputs.ts';
import { findPrompts } from './find/find-prompts.ts';
import { findSeeds } from './find/find-seeds.ts';
import { findSettings } from './find/find-settings.ts';
import { findTitled } from './find/find-titled.ts';
import { joinPrimitives } from './find/merge.ts';
import { sceneOf } from './find/scene.ts';
import type { FoundParameter } from './found-parameter.ts';
import { placeName } from './graph-walk.ts';

/**
 * Finds the inputs that a user would set: prompts, files, seed, sizes, sampling, model names.
 *
 * @param shapes - what is known of node classes; of others, the names tell
 * @param outputs - nodes whose results are kept
 * @param primitives - of a file of the editor
 */
export function findParameters(
  graph: Graph,
  shapes: NodeShapes = {},
  outputs: readonly string[] = findOutputs(graph, shapes),
  primitives: Primitives = new Map(),
): FoundParameter[] {
  const scene = sceneOf(graph, shapes, outputs, primitives);
  const files = findFiles(scene);
  const found = [
    ...findPrompts(scene),
    ...files,
    ...findSeeds(scene),
    ...findSettings(scene, files.length > 0),
    ...findModels(scene),
    ...findTitled(scene),
  ];
  return numbered(joinPrimitives(firstOfPlaces(found), scene));
}

/** What an earlier finder has found is not found again. */
function firstOfPlaces(found: readonly FoundParameter[]): FoundParameter[] {
  const taken = new Set<string>();
  return found.flatMap((one) => {
    const bindings = one.bindings.filter((binding) => !taken.has(placeName(binding)));
    for (const binding of bindings) taken.add(placeName(binding));
    return bindings.length ? [{ ...one, bindings }] : [];
  });
}

/** Options that share a name get numbers: `steps`, `steps_2`. */
function numbered(found: readonly FoundParameter[]): FoundParameter[] {
  const names = new Set<string>();
  return found.map((one) => {
    let name = one.name;
    for (let number = 2; names.has(name); number++) name = `${one.name}_${number}`;
    names.add(name);
    return { ...one, name };
  });
}
