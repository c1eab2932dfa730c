import type { Graph } from '@heurist/core/definition';
import { isLink } from '@heurist/server-kit/graph-link';
import type { GraphError } from './graph-error.ts';
import type { InputSpec, ObjectInfo } from './object-info.ts';
import { pythonTypeOf } from './python-values.ts';
import { Stumble } from './stumble.ts';
import { typesMatch } from './types-match.ts';

/** Where a link begins. */
export interface LinkSource {
  /** The node. */
  from: string;
  /** What comes out there. */
  type: unknown;
}

/**
 * Follows a list that is given to an input.
 *
 * @throws {Stumble} if it leads nowhere
 */
export function followLink(
  name: string,
  spec: InputSpec,
  link: unknown[],
  graph: Graph,
  info: ObjectInfo,
): LinkSource | { error: GraphError } {
  if (isLink(link)) return sourceOf(link, graph, info);
  const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
  const extra_info = { input_name: name, input_config: configOf(spec), received_value: link };
  return { error: { type: 'bad_linked_input', message, details: name, extra_info } };
}

/** The error of a link whose type does not fit. */
export function typeError(
  name: string,
  spec: InputSpec,
  { type }: LinkSource,
  linked_node: unknown,
): GraphError | undefined {
  const [wanted] = spec;
  if (typesMatch(type, wanted)) return undefined;
  const details = `${name}, received_type(${type}) mismatch input_type(${typeof wanted === 'string' ? wanted : 'COMBO'})`;
  const message = 'Return type mismatch between linked nodes';
  const extra_info = { input_name: name, input_config: configOf(spec), received_type: type, linked_node };
  return { type: 'return_type_mismatch', message, details, extra_info };
}

function sourceOf([from, output]: [unknown, unknown], graph: Graph, info: ObjectInfo): LinkSource {
  const source = typeof from === 'string' && Object.hasOwn(graph, from) ? graph[from] : undefined;
  if (!source) throw new Stumble('KeyError', typeof from === 'string' ? `'${from}'` : `${from}`);
  // True is 1
  const index = typeof output === 'boolean' ? Number(output) : output;
  if (!Number.isInteger(index)) {
    const type = pythonTypeOf(output);
    throw new Stumble('TypeError', `tuple indices must be integers or slices, not ${type}`);
  }
  // Python counts negative numbers from the end
  const type = info[source.class_type]!.output.at(index as number);
  if (type === undefined) throw new Stumble('IndexError', 'tuple index out of range');
  return { from: from as string, type };
}

/** An input as errors show it. */
export function configOf([type, options = {}]: InputSpec): unknown {
  return [type, options];
}
