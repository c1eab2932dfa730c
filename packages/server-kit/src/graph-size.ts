import { isLink } from './graph-link.ts';
import { isNestedWithin } from './nesting.ts';

/** Nodes of a graph at most. The largest known graphs have some hundreds. */
const MAX_NODES = 20_000;
/** Nodes in a row at most. ComfyUI 0.33 takes 980: then Python's stack is full, with some versions earlier. */
export const MAX_CHAIN = 950;
/** Levels of nesting of the JSON at most: whatever walks deeper values runs out of stack. */
const MAX_LEVELS = 100;

/** A graph of which nothing is known yet: nodes may lack whatever they need. */
type Unchecked = Readonly<Record<string, { inputs?: Record<string, unknown> }>>;

/** In what a graph is too large. */
interface Excess {
  /** Part of a sentence, with how to fix it. */
  problem: string;
  /** The node at which that shows. */
  node?: string;
}

/** Finds out whether a graph is larger than anything here walks, in time and stack that do not depend on its form. */
export function findExcess(graph: Unchecked): Excess | undefined {
  const nodes = Object.keys(graph).length;
  if (nodes > MAX_NODES) return { problem: `the graph has ${nodes} nodes: ${MAX_NODES} are the limit` };
  if (!isNestedWithin(graph, MAX_LEVELS))
    return { problem: `it is nested more than ${MAX_LEVELS} levels deep: flatten it` };
  const node = findLongChain(graph);
  if (node === undefined) return undefined;
  return { problem: `more than ${MAX_CHAIN} nodes depend on each other in a row: split the graph`, node };
}

/** The first node, of those found, that has too many in a row above it. Links back into a cycle do not count. */
function findLongChain(graph: Unchecked): string | undefined {
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

function sourcesOf(graph: Unchecked, id: string): string[] {
  const links = Object.values(graph[id]?.inputs ?? {}).filter(isLink);
  return links.map(([from]) => from).filter((from) => Object.hasOwn(graph, from));
}
