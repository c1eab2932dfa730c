import type { Graph } from '@heurist/core/definition';
import { findExcess } from '@heurist/server-kit/graph-size';
import type { GraphError } from './graph-error.ts';

/**
 * Finds out whether a graph is larger than anything here walks. Nodes may lack whatever they need.
 *
 * @returns what is wrong, in ComfyUI's form
 */
export function checkGraphSize(graph: Graph): GraphError | undefined {
  const excess = findExcess(graph);
  if (!excess) return undefined;
  const details = excess.node === undefined ? '' : `Node ID '#${excess.node}'`;
  return { type: 'invalid_prompt', message: `Cannot execute because ${excess.problem}.`, details, extra_info: {} };
}
