import type * as z from 'zod/mini';
import { HeuristError } from './errors.ts';
import type { WorkflowTaskType } from './workflow-task.ts';

/** A link to another node's output: `[node id, index of the output]`. */
export type GraphLink = [node_id: string, output: number];

/** One node of a ComfyUI graph in API format. */
export interface GraphNode {
  class_type: string;
  inputs: Record<string, unknown>;
  _meta?: { title?: string };
}

/** A ComfyUI graph in API format: node id -> node. */
export type Graph = Record<string, GraphNode>;

/** Where a parameter goes: an input of a node. */
export interface Binding {
  node: string;
  input: string;
}

/** A parameter that is a file: a URL that the miner fetches and hands to ComfyUI. */
export interface FileParameter {
  kind: 'image' | 'video' | 'audio';
  /** Largest file that is taken, in bytes. */
  max_bytes: number;
}

/** A model file that a graph needs. */
export interface ModelRequirement {
  /** ComfyUI's folder under `models/`, such as `upscale_models`. */
  folder: string;
  /** The name that the graph holds. */
  filename: string;
  /** Where to get it. */
  url: string;
  sha256?: string;
  /** Size in bytes. */
  bytes?: number;
  /** Files that do as well, the best one first, for servers without `filename`. */
  alternatives?: string[];
}

/** Everything that the network needs to run a workflow. Only data, but for the schema. */
export interface WorkflowDefinition {
  /** Identity of the graph on the wire. */
  workflow_id: string;
  task_type: WorkflowTaskType;
  /** One line for people. */
  title: string;
  /** Schema of `task_details.parameters`. */
  parameters: z.ZodMiniType<Record<string, unknown>>;
  graph: Graph;
  /** Parameter -> the inputs that it sets. Parameters left out keep what the graph has. */
  bindings: Record<string, Binding | Binding[]>;
  /** Which parameters are files. */
  files: Record<string, FileParameter>;
  /** Nodes whose outputs are the result, the main one first. */
  outputs: string[];
  requirements: { nodes: string[]; models: ModelRequirement[] };
}

/**
 * Checks that a definition hangs together and returns it.
 *
 * @throws {HeuristError} `invalid_configuration` naming every binding, file or output that points nowhere
 */
export function defineWorkflow(definition: WorkflowDefinition): WorkflowDefinition {
  const problems = [
    ...allBindings(definition).flatMap(([parameter, { node, input }]) =>
      definition.graph[node]?.inputs[input] === undefined
        ? [`parameter ${parameter} is bound to ${node}.${input}, which the graph does not have`]
        : [],
    ),
    ...definition.outputs.flatMap((id) => (definition.graph[id] ? [] : [`output ${id} is no node of the graph`])),
    ...(definition.outputs.length ? [] : ['there is no output']),
    ...Object.keys(definition.files).flatMap((name) =>
      definition.bindings[name] ? [] : [`file parameter ${name} is not bound`],
    ),
    ...Object.values(definition.graph).flatMap(({ class_type }) =>
      definition.requirements.nodes.includes(class_type) ? [] : [`node class ${class_type} is not in requirements`],
    ),
  ];
  if (problems.length)
    throw new HeuristError(`Workflow ${definition.workflow_id}: ${problems.join('; ')}.`, {
      code: 'invalid_configuration',
    });
  return definition;
}

/**
 * Writes parameters into a copy of the definition's graph. Presence is `!== undefined`: 0, '' and false are values.
 *
 * @throws {HeuristError} `invalid_parameters` for a parameter that is bound nowhere
 */
export function bind(definition: WorkflowDefinition, parameters: Record<string, unknown>): Graph {
  const graph = structuredClone(definition.graph);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    const targets = definition.bindings[name];
    if (!targets)
      throw new HeuristError(`Workflow ${definition.workflow_id} has no binding for parameter ${name}.`, {
        code: 'invalid_parameters',
      });
    for (const { node, input } of [targets].flat()) graph[node]!.inputs[input] = value;
  }
  return graph;
}

/**
 * Puts other model files into a copy of a graph, where a server has only an alternative.
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

function allBindings({ bindings }: WorkflowDefinition): [parameter: string, binding: Binding][] {
  return Object.entries(bindings).flatMap(([name, targets]) =>
    [targets].flat().map((binding): [string, Binding] => [name, binding]),
  );
}
