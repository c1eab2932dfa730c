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
 * Checks a graph as ComfyUI 0.3.64 does, with its error types, texts and shapes, against what a server says of its
 * nodes. It also refuses graphs that ComfyUI would accept and that fail later: nodes without `inputs`, values that a newer combo
 * does not offer, cycles, and graphs of more than 20,000 nodes, 1000 in a row or 100 levels of nesting.
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
    const refuse = (message: string) => wholeError('invalid_prompt', message, `Node ID '#${id}'`);
    if (typeof node?.class_type !== 'string')
      return refuse('Cannot execute because a node is missing the class_type property.');
    if (!Object.hasOwn(info, node.class_type))
      return refuse(`Cannot execute because node ${node.class_type} does not exist.`);
    if (typeof node.inputs !== 'object' || node.inputs === null || Array.isArray(node.inputs))
      return refuse('Cannot execute because a node is missing the inputs property.');
  }
  return undefined;
}
