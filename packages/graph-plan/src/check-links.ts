import type { Graph, GraphLink } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import { isLink } from './graph-walk.ts';
import { PlanError } from './plan-error.ts';

/**
 * Checks that every link of a graph leads somewhere, and none back.
 *
 * @throws {PlanError} `invalid_input` that names the links
 */
export function checkLinks(graph: Graph): void {
  const broken = brokenLinks(graph);
  if (broken.length)
    throw invalid(`The graph links to nodes that it does not contain: ${broken.join(', ')}. Connect them in ComfyUI`);
  const circle = findCircle(graph).map((id) => `${id} (${graph[id]!.class_type})`);
  if (circle.length)
    throw invalid(`The graph goes in a circle, which ComfyUI refuses: ${circle.join(' -> ')}. Cut one of these links`);
}

function invalid(problem: string): PlanError {
  return new PlanError(`${printableLine(problem, 1000)}, and export it again.`);
}

/** Exports leave out editor-only nodes, such as "Get" and "Set", which other nodes may link to. */
function brokenLinks(graph: Graph): string[] {
  return Object.entries(graph).flatMap(([id, { class_type, inputs }]) =>
    Object.entries(inputs)
      .filter(([, value]) => isLink(value) && !Object.hasOwn(graph, value[0]))
      .map(([input, value]) => `${input} of node ${id} (${class_type}) to node ${(value as GraphLink)[0]}`),
  );
}

/** Nodes that depend on each other in a circle, in the order of the links; none if there is no such circle. */
function findCircle(graph: Graph): string[] {
  const left = new Map(Object.keys(graph).map((id) => [id, sourcesOf(graph, id).length]));
  const users = Map.groupBy(
    Object.keys(graph).flatMap((id) => sourcesOf(graph, id).map((source) => ({ id, source }))),
    ({ source }) => source,
  );
  // takes away, again and again, what depends on nothing that is left
  const free = [...left.keys()].filter((id) => left.get(id) === 0);
  for (const id of free) {
    left.delete(id);
    for (const { id: user } of users.get(id) ?? []) {
      left.set(user, left.get(user)! - 1);
      if (left.get(user) === 0) free.push(user);
    }
  }
  const path: string[] = [];
  for (let [at] = left.keys(); at !== undefined; at = sourcesOf(graph, at).find((source) => left.has(source))) {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at].toReversed();
    path.push(at);
  }
  return [];
}

const sourcesOf = (graph: Graph, id: string) =>
  Object.values(graph[id]!.inputs)
    .filter(isLink)
    .map(([from]) => from);
