import { HeuristError } from '../wire/errors.ts';
import type { Binding, Graph, WorkflowDefinition } from './workflow-definition.ts';

/**
 * Writes parameters into a copy of the definition's graph. Only `undefined` counts as absent: 0, '' and false are written.
 *
 * @throws {HeuristError} `invalid_parameters` if a parameter has no binding
 */
export function bind(definition: WorkflowDefinition, parameters: Record<string, unknown>): Graph {
  const graph = structuredClone(definition.graph);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    const targets = definition.bindings[name];
    if (!targets)
      throw new HeuristError(
        `Workflow ${definition.workflow_id} has no binding for the parameter \`${name}\`. Add one to its definition, or leave the parameter out.`,
        {
          code: 'invalid_parameters',
        },
      );
    for (const binding of targets) write(graph, binding, value);
  }
  return graph;
}

function write(graph: Graph, { node, input, values, factor, suffix }: Binding, value: unknown): void {
  const { inputs } = graph[node]!;
  if (values) {
    if (Object.hasOwn(values, String(value))) inputs[input] = values[String(value)];
  } else if (factor !== undefined) inputs[input] = Number(value) * factor;
  else if (suffix !== undefined && !String(value).endsWith(suffix)) inputs[input] = `${value}${suffix}`;
  else inputs[input] = value;
}

/**
 * Replaces model files in a copy of a graph, for a server that has only an alternative.
 *
 * @param models - name in the graph -> name to use
 */
export function bindModels(graph: Graph, models: Record<string, string>): Graph {
  const bound = structuredClone(graph);
  for (const node of Object.values(bound))
    for (const [input, value] of Object.entries(node.inputs))
      if (typeof value === 'string' && Object.hasOwn(models, value)) node.inputs[input] = models[value];
  return bound;
}
