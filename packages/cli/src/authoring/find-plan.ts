import type { Graph } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { CommandError } from '../output/command-error.ts';
import { findNotes } from './find/find-notes.ts';
import { endsOf, findOutputs } from './find/find-outputs.ts';
import type { FixedInput, GraphPlan } from './find/graph-plan.ts';
import { makesOf } from './find/makes.ts';
import { withNumbers } from './find/numbers-as-text.ts';
import { sceneOf } from './find/scene.ts';
import { findParameters } from './find-parameters.ts';
import type { FoundParameter } from './found-parameter.ts';
import { ancestors, isLink, placeName } from './graph-walk.ts';

/**
 * Finds what the users of a graph would set, what stays fixed, and what the graph makes.
 *
 * @param shapes - what is known of node classes; of others, the names tell
 * @param chosen - the output nodes, if they were chosen
 * @throws {CommandError} `invalid_input` if the graph has no output, or not those
 */
export function findPlan(source: Graph, shapes: NodeShapes, chosen: readonly string[] = []): GraphPlan {
  const { graph, notes } = withNumbers(source, shapes);
  const ids = chosen.length ? checked(graph, chosen) : findOutputs(graph, shapes);
  if (!ids.length) throw noOutput(graph);
  const outputs = ids.map((node) => ({
    node,
    class_type: graph[node]!.class_type,
    makes: makesOf(graph, shapes, node),
  }));
  const options = findParameters(graph, shapes, ids);
  const fixed = fixedInputs(graph, ids, options);
  const live = ancestors(graph, ids);
  const used = notes.filter(({ node }) => live.has(node!));
  const scene = sceneOf(graph, shapes, ids);
  return {
    options,
    fixed,
    outputs,
    notes: [...used, ...findNotes(scene, options, fixed, chosen.length ? [] : outputs)],
  };
}

/** Literals that no option sets, but for the prefix of saved files, which miners set. */
export function fixedInputs(
  graph: Graph,
  outputs: readonly string[],
  options: readonly FoundParameter[],
): FixedInput[] {
  const bound = new Set(options.flatMap(({ bindings }) => bindings.map(placeName)));
  return [...ancestors(graph, outputs)].flatMap((node) => {
    const { class_type, inputs } = graph[node]!;
    return Object.entries(inputs)
      .filter(([input, value]) => !isLink(value) && !bound.has(placeName({ node, input })))
      .filter(([input]) => !(input === 'filename_prefix' && outputs.includes(node)))
      .map(([input, value]) => ({ node, class_type, input, value }));
  });
}

function checked(graph: Graph, chosen: readonly string[]): readonly string[] {
  const missing = chosen.filter((id) => !Object.hasOwn(graph, id));
  if (!missing.length) return chosen;
  throw new CommandError(
    `The graph has no node ${missing.join(', ')}. Pass --output with one of its nodes, such as ${named(graph)}.`,
    { code: 'invalid_input' },
  );
}

function noOutput(graph: Graph): CommandError {
  return new CommandError(
    `The graph has no output node that is known. If one of its last nodes is one, name it: ${named(graph)}. Or pass --comfyui with ` +
      'a ComfyUI that has its nodes, or add an output node, such as SaveImage, and export it again.',
    { code: 'invalid_input' },
  );
}

const MOST_NAMED = 5;

function named(graph: Graph): string {
  const ends = endsOf(graph).slice(0, MOST_NAMED);
  return ends
    .map((id) => `--output ${printableLine(id)} (${printableLine(graph[id]!.class_type).slice(0, 60)})`)
    .join(', ');
}
