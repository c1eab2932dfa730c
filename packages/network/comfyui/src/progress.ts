import type { Graph } from '@heurist/core/definition';
import type { SocketMessage } from './schemas.ts';

/** How far a prompt has got. */
export interface ComfyProgress {
  /** 0 to 100 over the whole graph; never goes back. */
  percent: number;
  /** Id of the running node. */
  node_id?: string;
  /** Its class. */
  node_type?: string;
}

/** Nodes that take the time in practice; all others together hardly count. */
function weightOf(classType: string): number {
  return /Sampler|UpscaleWithModel|VAEDecode/.test(classType) ? 20 : 1;
}

/**
 * Follows one prompt's messages. Reads only what every version sends: `execution_cached`, `executing`, `progress`.
 *
 * @returns a function that takes a message of this prompt and answers with the progress, or `undefined` for no news
 */
export function createProgressTracker(graph: Graph): (message: SocketMessage) => ComfyProgress | undefined {
  const total = Object.values(graph).reduce((sum, { class_type }) => sum + weightOf(class_type), 0) || 1;
  const done = new Set<string>();
  let current: string | undefined;
  let fraction = 0;
  let best = 0;

  const weight = (id: string | undefined) => weightOf(graph[id ?? '']?.class_type ?? '');
  const finish = (id: string | undefined) => id && done.add(id);

  function apply({ type, data }: SocketMessage): boolean {
    if (type === 'execution_cached') (data.nodes as string[]).forEach(finish);
    else if (type === 'progress') fraction = Number(data.value) / Math.max(1, Number(data.max));
    else if (type === 'executing') {
      finish(current);
      current = (data.display_node ?? data.node ?? undefined) as string | undefined;
      fraction = 0;
    } else if (type === 'execution_success') Object.keys(graph).forEach(finish);
    else return false;
    return true;
  }

  return (message) => {
    if (!apply(message)) return undefined;
    const sum = [...done].reduce((all, id) => all + weight(id), 0);
    const running = current && !done.has(current) ? weight(current) * Math.min(1, fraction || 0) : 0;
    best = Math.max(best, Math.min(100, (100 * (sum + running)) / total));
    return {
      percent: best,
      ...(current && { node_id: current }),
      ...(current && { node_type: graph[current]?.class_type ?? '' }),
    };
  };
}
