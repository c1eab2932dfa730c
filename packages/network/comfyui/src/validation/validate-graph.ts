import type { Graph } from '@heurist/core/definition';
import { isLink } from '@heurist/server-kit/graph-link';
import { checkNodes, wholeError, withoutInputs } from './check-nodes.ts';
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
 * nodes, 950 in a row or 100 levels of nesting.
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
  const runnable = new Set(neededLast(outputs, graph).filter((id) => validator.checkOutput(id)));
  const good = outputs.filter((id) => runnable.has(id));
  const { nodeErrors } = validator;
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

/** A server checks outputs in any order. By most orders it comes to one that others need from one of those. */
function neededLast(outputs: readonly string[], graph: Graph): string[] {
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs ?? {}).filter(isLink));
  const needed = new Set(links.map(([from]) => from));
  return [...outputs.filter((id) => !needed.has(id)), ...outputs.filter((id) => needed.has(id))];
}
