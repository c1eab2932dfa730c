import type { Graph, GraphNode } from '@heurist/core/definition';
import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { ancestors, isLink } from '../graph-walk.ts';
import { passedInput } from './follow-value.ts';

/** What finders look at: a graph, what is known of its nodes, and those that run. */
export interface Scene {
  graph: Graph;
  shapes: NodeShapes;
  /** The nodes that the outputs depend on, without the branches that a switch leaves out. */
  live: ReadonlyMap<string, GraphNode>;
  /** Of a file of the editor: the inputs that one primitive sets. */
  primitives: Primitives;
}

/** @param outputs - ids of the nodes whose results are kept */
export function sceneOf(
  graph: Graph,
  shapes: NodeShapes,
  outputs: readonly string[],
  primitives: Primitives = new Map(),
): Scene {
  const all = ancestors(graph, outputs);
  const used = new Set(outputs.filter((id) => all.has(id)));
  for (const id of used) {
    const { inputs } = graph[id]!;
    const passed = passedInput(graph, shapes, id);
    for (const [input, value] of Object.entries(inputs))
      if (isLink(value) && Object.hasOwn(graph, value[0]) && (!passed || input === passed || !isBranch(input)))
        used.add(value[0]);
  }
  // in the order of the graph
  const live = Object.entries(graph).filter(([id]) => used.has(id));
  return { graph, shapes, live: new Map(live), primitives };
}

/** The input that decides is used whatever it says. */
function isBranch(input: string): boolean {
  return !/^(switch|condition|cond|boolean|bool|select|index|selector)$/i.test(input);
}
