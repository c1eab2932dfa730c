import {
  choicesOf,
  type GraphValidation,
  type InputSpec,
  listsAllInputs,
  liveInputs,
  type ObjectInfo,
  validateGraph,
} from '@heurist/comfyui';
import type { Graph, ModelRequirement } from '@heurist/core/definition';
import { modelFolder } from '@heurist/graph-plan/model-folders';

/** A problem of a graph on a server. */
export interface Finding {
  /** An error keeps the graph, or one of its outputs, from running; a warning does not. */
  level: 'error' | 'warning';
  node: string;
  class_type: string;
  /** ComfyUI's name of an error. */
  type?: string;
  message: string;
}

/**
 * Compares a graph with the server's nodes: finds missing classes and models, invalid inputs and deprecated nodes.
 *
 * @param known - model files with a known source
 * @param hasInputFile - whether a file lies among the server's inputs; default: every file that the graph names
 */
export function checkGraph(
  graph: Graph,
  info: ObjectInfo,
  known: readonly ModelRequirement[] = [],
  hasInputFile: (name: string) => boolean = () => true,
): Finding[] {
  const missing = missingClasses(graph, info);
  const invalid = missing.length ? [] : invalidInputs(graph, validateGraph(graph, info, { hasInputFile }), info, known);
  return [...missing, ...invalid, ...notices(graph, info)];
}

function missingClasses(graph: Graph, info: ObjectInfo): Finding[] {
  return Object.entries(graph)
    .filter(([, { class_type }]) => !Object.hasOwn(info, class_type))
    .map(([node, { class_type }]) => ({
      level: 'error',
      node,
      class_type,
      type: 'missing_node_type',
      message:
        'The server does not have this node class. Install the custom nodes that provide it, or use a core node.',
    }));
}

function invalidInputs(
  graph: Graph,
  { error, nodeErrors }: GraphValidation,
  info: ObjectInfo,
  known: readonly ModelRequirement[],
): Finding[] {
  const found = Object.entries(nodeErrors).flatMap(([node, { class_type, errors }]) =>
    errors.map(({ type, message, details, extra_info }): Finding => {
      const input = String(extra_info.input_name ?? '');
      const model = type === 'value_not_in_list' && modelFolder(class_type, input);
      const written = liveInputs(info[class_type]!, graph[node]!.inputs).get(input)?.written;
      const choices = choicesOf((written ?? ['*']) as InputSpec);
      const text = model
        ? missingModel(model, String(graph[node]?.inputs[input]), choices, known)
        : `${message}: ${details} (${type})`;
      return { level: 'error', node, class_type, type, message: text };
    }),
  );
  if (found.length || !error) return found;
  const message = `${error.message} (${error.type})`;
  return [{ level: 'error', node: '', class_type: '', type: error.type, message }];
}

function missingModel(
  folder: string,
  filename: string,
  there: readonly unknown[] = [],
  known: readonly ModelRequirement[],
): string {
  const url = known.find((model) => model.folder === folder && model.filename === filename)?.url;
  const source = url ? ` Download it from ${url}.` : '';
  const has = there.length ? ` Available: ${there.slice(0, 5).join(', ')}${there.length > 5 ? ' ...' : ''}.` : '';
  return `Model file models/${folder}/${filename} is missing.${source}${has}`;
}

function notices(graph: Graph, info: ObjectInfo): Finding[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) => {
    const about = info[class_type];
    if (!about) return [];
    const live = liveInputs(about, inputs);
    const unknown = listsAllInputs(class_type, about) ? Object.keys(inputs).filter((name) => !live.has(name)) : [];
    const messages = [
      about.deprecated && 'The node is deprecated: later versions of ComfyUI may not have it.',
      about.experimental && 'The node is experimental: it may change.',
      about.api_node && 'The node calls a paid third-party service.',
      ...unknown.map((name) =>
        // a dynamic combo with a choice that it lacks: the server takes it
        Object.hasOwn({ ...about.input.required, ...about.input.optional }, name)
          ? `The value of "${name}" is none of its choices: the node fails when it runs.`
          : `The node has no input "${name}", which is ignored.`,
      ),
    ];
    return messages
      .filter((message) => typeof message === 'string')
      .map((message): Finding => ({ level: 'warning', node, class_type, message }));
  });
}
