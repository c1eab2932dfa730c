import type { Binding, BindingSource, Graph } from '@heurist/core/definition';
import { isLink } from '@heurist/server-kit/graph-link';

export { isLink };

/** An input of a node. */
export type Place = Pick<Binding, 'node' | 'input'>;

/** The input that a binding sets, as definitions write it. */
export function placeName(binding: BindingSource): string {
  return typeof binding === 'string' ? binding : `${binding.node}.${binding.input}`;
}

/** The part of a graph that these nodes depend on, with them. */
export function usedNodes(graph: Graph, ids: readonly string[]): Graph {
  const used = ancestors(graph, ids);
  return Object.fromEntries(Object.entries(graph).filter(([id]) => used.has(id)));
}

/** These nodes, and all nodes that they depend on. */
export function ancestors(graph: Graph, ids: readonly string[]): Set<string> {
  const seen = new Set(ids.filter((id) => Object.hasOwn(graph, id)));
  // a set also goes through what is added on the way, so that a long chain takes no stack
  for (const id of seen)
    for (const value of Object.values(graph[id]!.inputs))
      if (isLink(value) && Object.hasOwn(graph, value[0])) seen.add(value[0]);
  return seen;
}
