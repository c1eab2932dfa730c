import type { Graph } from '@heurist/core/definition';
import type { GraphError, GraphErrors } from './graph-error.ts';
import { checkGraphSize } from './graph-size.ts';
import { NodeValidator, type ValidationOptions } from './node-validator.ts';
import type { ObjectInfo } from './object-info.ts';

/** What ComfyUI would say about a graph: the outputs that can run, or why none can. */
export interface GraphValidation {
  /** The graph, with values turned into the type of their input: `"64"` for an INT becomes 64. */
  graph: Graph;
  /** Output nodes that can run. */
  outputs: string[];
  nodeErrors: GraphErrors;
  /** Why nothing can run. */
  error?: GraphError;
}

/**
 * Checks a graph as ComfyUI 0.33 does, with its error types, texts and shapes, against what a server says of its
 * nodes. It also refuses graphs that ComfyUI would accept and that do harm: nodes without `inputs`, and graphs of more than 20,000
 * nodes, 1000 in a row or 100 levels of nesting.
 *
 * @param source - the graph; it is not changed
 */
export function validateGraph(source: Graph, info: ObjectInfo, options: ValidationOptions = {}): GraphValidation {
  const tooLarge = checkGraphSize(source);
  // what is nested too deeply cannot even be copied
  if (tooLarge) return { graph: source, outputs: [], nodeErrors: {}, error: tooLarge };
  const graph = structuredClone(source);
  const refuse = (error: GraphError): GraphValidation => ({ graph, outputs: [], nodeErrors: {}, error });
  const refused = checkNodes(graph, info);
  if (refused) return refuse(refused);

  const { targets } = options;
  const outputs = Object.keys(graph).filter(
    (id) => info[graph[id]!.class_type]?.output_node && (!targets || targets.includes(id)),
  );
  if (!outputs.length) return refuse(wholeError('prompt_no_outputs', 'Prompt has no outputs', ''));

  const validator = new NodeValidator(graph, info, options);
  const good = outputs.filter((id) => validator.checkOutput(id));
  const nodeErrors = validator.nodeErrors;
  const hollow = Object.keys(graph).find((id) => !graph[id]!.inputs);
  if (good.length && hollow !== undefined) return refuse(withoutInputs(hollow));
  if (good.length) return { graph, outputs: good, nodeErrors };
  const details = outputs
    .flatMap((id) => nodeErrors[id]?.errors ?? [])
    .map(({ message, details }) => `${message}: ${details}`);
  const message = 'Prompt outputs failed validation';
  const error = wholeError('prompt_outputs_failed_validation', message, details.join('\n'));
  return { graph, outputs: [], nodeErrors, error };
}

function wholeError(type: string, message: string, details: string): GraphError {
  return { type, message, details, extra_info: {} };
}

function checkNodes(graph: Graph, info: ObjectInfo): GraphError | undefined {
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
function withoutInputs(id: string): GraphError {
  const message = 'Cannot execute because a node is missing the inputs property.';
  return wholeError('invalid_prompt', message, `Node ID '#${id}'`);
}
