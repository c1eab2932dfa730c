import type { Graph } from '@heurist/core/definition';
import type { GraphError } from './graph-error.ts';
import type { ObjectInfo } from './object-info.ts';

/** An error of a whole graph. */
export function wholeError(type: string, message: string, details: string): GraphError {
  return { type, message, details, extra_info: {} };
}

/** Whether each node has a class that the server knows, and inputs that can be read. */
export function checkNodes(graph: Graph, info: ObjectInfo): GraphError | undefined {
  for (const [id, node] of Object.entries(graph)) {
    const error = classError(id, node, info);
    if (error) return error;
    // a server fails at what is there and is no object; what is not there matters only if the node is reached
    const inputs: unknown = node.inputs;
    if (inputs !== undefined && (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)))
      return withoutInputs(id);
  }
  return undefined;
}

function classError(id: string, node: Graph[string] | null, info: ObjectInfo): GraphError | undefined {
  const class_type: unknown = node?.class_type;
  if (typeof class_type === 'string' && Object.hasOwn(info, class_type)) return undefined;
  const title = node?._meta?.title;
  const message =
    typeof class_type === 'string'
      ? `Node '${title ?? class_type}' not found. The custom node may not be installed.`
      : `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`;
  const extra_info = { node_id: id, class_type: class_type ?? null, node_title: title ?? class_type ?? null };
  return { type: 'missing_node_type', message, details: `Node ID '#${id}'`, extra_info };
}

/** ComfyUI takes a graph with such a node apart from the others, and its worker ends when it runs it. */
export function withoutInputs(id: string): GraphError {
  const message = 'Cannot execute because a node is missing the inputs property.';
  return wholeError('invalid_prompt', message, `Node ID '#${id}'`);
}
