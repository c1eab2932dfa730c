import { isLink } from '@heurist/comfyui';
import type { Binding, BindingSource, Graph } from '@heurist/core/definition';

export { isLink };

/** An input of a node. */
export type Place = Pick<Binding, 'node' | 'input'>;

/** The input that a binding sets, as definitions write it. */
export function placeName(binding: BindingSource): string {
  return typeof binding === 'string' ? binding : `${binding.node}.${binding.input}`;
}

/** The nodes whose results are kept; previews only if the graph saves nothing else. Recognises custom nodes by name. */
export function savers(graph: Graph): string[] {
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink));
  const sources = new Set(links.map(([id]) => id));
  const ofClass = (pattern: RegExp) => Object.keys(graph).filter((id) => pattern.test(graph[id]!.class_type));
  const ends = (pattern: RegExp) => ofClass(pattern).filter((id) => !sources.has(id));
  const saving = new Set([...ofClass(/^Save|VideoCombine/), ...ends(/save|export|output|send|combine/i)]);
  const found = saving.size ? [...saving] : ends(/preview/i);
  return Object.keys(graph).filter((id) => found.includes(id));
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

/** Longest chain of nodes that only hold a value; a cycle would never end. */
const MAX_HOPS = 8;

/** The value of an input and its place. Follows links to nodes that only hold a value. */
export function literalAt(graph: Graph, place: Place, hops = MAX_HOPS): { place: Place; value: unknown } | undefined {
  const value = graph[place.node]?.inputs[place.input];
  if (value === undefined) return undefined;
  if (!isLink(value)) return { place, value };
  const source = graph[value[0]];
  const [input, ...others] = Object.keys(source?.inputs ?? {});
  const isHolder =
    input !== undefined && !others.length && /^Primitive|Constant|^(Int|Float|String)$/.test(source!.class_type);
  return isHolder && hops > 0 ? literalAt(graph, { node: value[0], input }, hops - 1) : undefined;
}
