import type { Graph } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { findNotes } from './find/find-notes.ts';
import { endsOf, findOutputs } from './find/find-outputs.ts';
import type { FixedInput, GraphPlan } from './find/graph-plan.ts';
import { makesOf } from './find/makes.ts';
import { withNumbers } from './find/numbers-as-text.ts';
import { sceneOf } from './find/scene.ts';
import { findParameters } from './find-parameters.ts';
import type { FoundParameter } from './found-parameter.ts';
import { ancestors, isLink, placeName } from './graph-walk.ts';
import { PlanError } from './plan-error.ts';

/**
 * Finds what the users of a graph would set, what stays fixed, and what the graph makes.
 *
 * @param shapes - what is known of node classes; of others, the names tell
 * @param chosen - the output nodes, if they were chosen
 * @param primitives - of a file of the editor: what each sets is one option
 * @throws {PlanError} `invalid_input` if the graph has no output, or not those
 */
export function findPlan(
  source: Graph,
  shapes: NodeShapes,
  chosen: readonly string[] = [],
  primitives: Primitives = new Map(),
): GraphPlan {
  const { graph, notes } = withNumbers(source, shapes);
  const ids = chosen.length ? checked(graph, shapes, chosen) : findOutputs(graph, shapes);
  if (!ids.length) throw noOutput(graph, shapes);
  const outputs = ids.map((node) => ({
    node,
    class_type: graph[node]!.class_type,
    makes: makesOf(graph, shapes, node),
  }));
  const options = findParameters(graph, shapes, ids, primitives);
  const fixed = fixedInputs(graph, ids, options);
  const live = ancestors(graph, ids);
  const used = notes.filter(({ node }) => live.has(node!));
  const scene = sceneOf(graph, shapes, ids, primitives);
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

function checked(graph: Graph, shapes: NodeShapes, chosen: readonly string[]): string[] {
  const missing = chosen.filter((id) => !Object.hasOwn(graph, id));
  if (missing.length)
    throw invalid(
      `The graph has no node ${missing.map((id) => printableLine(id)).join(', ')}. ` +
        `Pass --output with one of its nodes, such as ${named(graph, endsOf(graph))}.`,
    );
  const mute = chosen.filter((id) => isMute(graph, shapes, id));
  if (!mute.length) return [...new Set(chosen)];
  const about = mute.map((id) => `${printableLine(id)} (${graph[id]!.class_type})`).join(', ');
  throw invalid(
    `ComfyUI keeps nothing of node ${about}, which neither saves nor shows anything. Choose another output, or add one, such as SaveImage.`,
  );
}

/** Whether a node is known to be no output: ComfyUI would not run it for its own sake. */
function isMute(graph: Graph, shapes: NodeShapes, id: string): boolean {
  const { class_type } = graph[id]!;
  return Object.hasOwn(shapes, class_type) && !shapes[class_type]!.isOutput;
}

function noOutput(graph: Graph, shapes: NodeShapes): PlanError {
  const ends = endsOf(graph).filter((id) => !isMute(graph, shapes, id));
  const others = ends.length
    ? `If one of its last nodes is one, name it: ${named(graph, ends)}. Or pass --comfyui with a ComfyUI that has its nodes, or add`
    : 'Add';
  return new PlanError(
    `The graph has no output node that is known. ${others} an output node, such as SaveImage, and export it again.`,
    { needsServer: ends.length > 0, ends: ends.map((node) => ({ node, class_type: graph[node]!.class_type })) },
  );
}

const invalid = (message: string) => new PlanError(message);

const MOST_NAMED = 5;

function named(graph: Graph, ids: readonly string[]): string {
  return ids
    .slice(0, MOST_NAMED)
    .map((id) => `--output ${printableLine(id)} (${printableLine(graph[id]!.class_type).slice(0, 60)})`)
    .join(', ');
}
