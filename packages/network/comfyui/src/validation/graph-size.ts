import type { Graph } from '@heurist/core/definition';
import { isNestedWithin } from '@heurist/server-kit/nesting';
import type { GraphError } from './graph-error.ts';
import { isLink } from './link.ts';

/** Nodes of a graph at most. The largest known graphs have some hundreds. */
const MAX_NODES = 20_000;
/** Nodes in a row at most. ComfyUI 0.33 takes 980: then Python's stack is full, with some versions earlier. */
export const MAX_CHAIN = 950;
/** Levels of nesting of the JSON at most: whatever walks deeper values runs out of stack. */
const MAX_LEVELS = 100;

/**
 * Finds out whether a graph is larger than anything here walks, in time and stack that do not depend on its form. Nodes may lack
 * whatever they need.
 *
 * @returns what is wrong, in ComfyUI's form
 */
export function checkGraphSize(graph: Graph): GraphError | undefined {
  const nodes = Object.keys(graph).length;
  if (nodes > MAX_NODES) return refuse(`the graph has ${nodes} nodes: ${MAX_NODES} are the limit`);
  if (!isNestedWithin(graph, MAX_LEVELS)) return refuse(`it is nested more than ${MAX_LEVELS} levels deep: flatten it`);
  const end = findLongChain(graph);
  if (end === undefined) return undefined;
  return refuse(`more than ${MAX_CHAIN} nodes depend on each other in a row: split the graph`, `Node ID '#${end}'`);
}

function refuse(what: string, details = ''): GraphError {
  return { type: 'invalid_prompt', message: `Cannot execute because ${what}.`, details, extra_info: {} };
}

/** The first node, of those found, that has too many in a row above it. Links back into a cycle do not count. */
function findLongChain(graph: Graph): string | undefined {
  const lengths = new Map<string, number>();
  for (const start of Object.keys(graph)) {
    const path = lengths.has(start) ? [] : [start];
    while (path.length) {
      const id = path.at(-1)!;
      const sources = sourcesOf(graph, id);
      // entered, and not done: 0
      const next = lengths.has(id) ? undefined : sources.filter((source) => !lengths.has(source));
      if (next?.length) {
        lengths.set(id, 0);
        for (const source of next) path.push(source);
        continue;
      }
      path.pop();
      const longest = sources.reduce((most, source) => Math.max(most, lengths.get(source) ?? 0), 0);
      lengths.set(id, Math.max(lengths.get(id) ?? 0, longest + 1));
      if (longest + 1 > MAX_CHAIN) return id;
    }
  }
  return undefined;
}

function sourcesOf(graph: Graph, id: string): string[] {
  const links = Object.values(graph[id]?.inputs ?? {}).filter(isLink);
  return links.map(([from]) => from).filter((from) => Object.hasOwn(graph, from));
}
