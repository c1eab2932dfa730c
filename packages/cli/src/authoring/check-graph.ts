import { choicesOf, type ObjectInfo, validateGraph } from '@heurist/comfyui';
import type { Graph, ModelRequirement } from '@heurist/core/definition';
import { modelFolder } from './model-folders.ts';

/** A problem of a graph on a server. */
export interface Finding {
  /** An error keeps the graph, or one of its outputs, from running; a warning does not. */
  level: 'error' | 'warning';
  node: string;
  class_type: string;
  message: string;
}

/**
 * Compares a graph with the server's nodes: finds missing classes and models, invalid inputs and deprecated nodes.
 *
 * @param known - model files with a known source
 */
export function checkGraph(graph: Graph, info: ObjectInfo, known: readonly ModelRequirement[] = []): Finding[] {
  const missing = missingClasses(graph, info);
  return [...missing, ...(missing.length ? [] : invalidInputs(graph, info, known)), ...notices(graph, info)];
}

function missingClasses(graph: Graph, info: ObjectInfo): Finding[] {
  return Object.entries(graph)
    .filter(([, { class_type }]) => !Object.hasOwn(info, class_type))
    .map(([node, { class_type }]) => ({
      level: 'error',
      node,
      class_type,
      message:
        'The server does not have this node class. Install the custom nodes that provide it, or use a core node.',
    }));
}

function invalidInputs(graph: Graph, info: ObjectInfo, known: readonly ModelRequirement[]): Finding[] {
  const { error, nodeErrors } = validateGraph(graph, info);
  const found = Object.entries(nodeErrors).flatMap(([node, { class_type, errors }]) =>
    errors.map(({ type, message, details, extra_info }): Finding => {
      const input = String(extra_info.input_name ?? '');
      const model = type === 'value_not_in_list' && modelFolder(class_type, input);
      const { required, optional } = info[class_type]!.input;
      const choices = choicesOf({ ...required, ...optional }[input] ?? ['*']);
      const text = model
        ? missingModel(model, String(graph[node]?.inputs[input]), choices, known)
        : `${message}: ${details} (${type})`;
      return { level: 'error', node, class_type, message: text };
    }),
  );
  if (found.length || !error) return found;
  return [{ level: 'error', node: '', class_type: '', message: `${error.message} (${error.type})` }];
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
    const { required, optional } = about.input;
    const listed = new Set(Object.keys({ ...required, ...optional }));
    // nodes of custom packs may take any inputs, and lists do not say so
    const isListed = !about.python_module?.startsWith('custom_nodes');
    const unknown = Object.keys(inputs).filter((name) => isListed && !listed.has(name));
    const messages = [
      about.deprecated && 'The node is deprecated: later versions of ComfyUI may not have it.',
      about.experimental && 'The node is experimental: it may change.',
      about.api_node && 'The node calls a paid third-party service.',
      // dynamic inputs have a dot in their name, and are not listed
      ...unknown
        .filter((name) => !name.includes('.'))
        .map((name) => `The node has no input "${name}", which is ignored.`),
    ];
    return messages
      .filter((message) => typeof message === 'string')
      .map((message): Finding => ({ level: 'warning', node, class_type, message }));
  });
}
