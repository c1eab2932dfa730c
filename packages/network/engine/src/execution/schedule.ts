import { isLink } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';

/** Nodes that one reads, each once. Inputs that its class does not have may name anything. */
function sourcesOf(prompt: Graph, id: string): string[] {
  const links = Object.values(prompt[id]!.inputs).filter(isLink);
  return [...new Set(links.map(([from]) => from))].filter((from) => Object.hasOwn(prompt, from));
}

/** The outputs, and of what is above them the nodes that have to run, in the order of the prompt. */
export function planNodes(prompt: Graph, outputs: readonly string[], cached: ReadonlySet<string>): string[] {
  const needed = new Set(outputs);
  // a set also goes through what is added on the way
  for (const id of needed) {
    if (cached.has(id)) continue;
    for (const source of sourcesOf(prompt, id)) if (!cached.has(source)) needed.add(source);
  }
  return Object.keys(prompt).filter((id) => needed.has(id));
}

/** Hands out nodes that are ready: outputs first, then what feeds an output, then the order of the prompt. */
export function createSchedule(prompt: Graph, nodes: readonly string[], outputs: readonly string[]) {
  const waiting = new Map<string, number>();
  const readers = new Map<string, string[]>();
  const todo = new Set(nodes);
  const isOutput = new Set(outputs);
  const feedsOutput = new Set<string>();
  for (const id of nodes) {
    const sources = sourcesOf(prompt, id).filter((source) => todo.has(source));
    waiting.set(id, sources.length);
    for (const source of sources) {
      readers.set(source, [...(readers.get(source) ?? []), id]);
      if (isOutput.has(id)) feedsOutput.add(source);
    }
  }
  const place = new Map(nodes.map((id, index) => [id, index]));
  let ready = nodes.filter((id) => waiting.get(id) === 0);

  return {
    /**
     * Takes the next node; `undefined` at the end.
     *
     * @throws {Error} if the rest is a cycle
     */
    next(): string | undefined {
      const id = ready.find((each) => isOutput.has(each)) ?? ready.find((each) => feedsOutput.has(each)) ?? ready[0];
      if (id === undefined) {
        if (todo.size) throw new Error('The prompt has a cycle.');
        return undefined;
      }
      ready = ready.filter((each) => each !== id);
      todo.delete(id);
      return id;
    },
    /** What reads this node may be ready now. */
    done(id: string): void {
      const freed = (readers.get(id) ?? []).filter((reader) => {
        const left = waiting.get(reader)! - 1;
        waiting.set(reader, left);
        return left === 0;
      });
      if (freed.length) ready = [...ready, ...freed].sort((a, b) => place.get(a)! - place.get(b)!);
    },
  };
}
