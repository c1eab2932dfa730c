import type * as z from 'zod/mini';
import { optionName } from '../task/option-names.ts';
import type { WorkflowTaskType } from '../task/workflow-task.ts';
import { HeuristError } from '../wire/errors.ts';

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

/** Where a parameter goes: an input of a node. What is written is the parameter's value, unless a rule says otherwise. */
export interface Binding {
  node: string;
  input: string;
  /** Value of the parameter -> what is written. A value that is not listed leaves the input as it is. */
  values?: Record<string, unknown>;
  /** What a number is multiplied by. */
  factor?: number;
  /** Ending that the text gets unless it has it. */
  suffix?: string;
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
  /** Where to get it, if that is known. */
  url?: string;
  sha256?: string;
  /** Size in bytes, for people and for a look at the disk: three digits may be all that is exact. */
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
  bindings: Record<string, Binding[]>;
  /** Inputs that stay as the graph has them, on purpose: `node.input`. */
  constants: string[];
  /** Which parameters are files. */
  files: Record<string, FileParameter>;
  /** Nodes whose outputs are the result, the main one first. */
  outputs: string[];
  requirements: { nodes: string[]; models: ModelRequirement[] };
}

/** A binding as it is written in a definition: `node.input`, or with a rule. */
export type BindingSource = string | Binding;

/** What a definition is written as: what follows from the rest may be left out. */
export interface WorkflowSource
  extends Omit<WorkflowDefinition, 'bindings' | 'constants' | 'files' | 'requirements' | 'parameters'> {
  parameters: z.ZodMiniType;
  bindings: Record<string, BindingSource | BindingSource[]>;
  /** `node.input`, or several of one node: `node.input,input`. */
  constants?: string[];
  /** Default: none. */
  files?: Record<string, FileParameter>;
  /** `nodes` default to the classes of the graph. */
  requirements?: { nodes?: string[]; models?: ModelRequirement[] };
}

/**
 * Checks that a definition hangs together, and completes it.
 *
 * @throws {HeuristError} `invalid_configuration` naming every binding, file, constant or output that points nowhere
 */
export function defineWorkflow(source: WorkflowSource): WorkflowDefinition {
  const { graph, requirements } = source;
  const definition: WorkflowDefinition = {
    ...source,
    parameters: source.parameters as WorkflowDefinition['parameters'],
    bindings: Object.fromEntries(
      Object.entries(source.bindings).map(([name, targets]) => [name, [targets].flat().map(toBinding)]),
    ),
    constants: (source.constants ?? []).flatMap(expandConstant),
    files: source.files ?? {},
    requirements: {
      nodes: requirements?.nodes ?? [...new Set(Object.values(graph).map(({ class_type }) => class_type))],
      models: requirements?.models ?? [],
    },
  };
  const problems = findProblems(definition);
  if (problems.length)
    throw new HeuristError(`Workflow ${definition.workflow_id}: ${problems.join('; ')}.`, {
      code: 'invalid_configuration',
    });
  return definition;
}

function toBinding(source: BindingSource): Binding {
  if (typeof source !== 'string') return source;
  const [node = '', ...input] = source.split('.');
  return { node, input: input.join('.') };
}

function expandConstant(source: string): string[] {
  const { node, input } = toBinding(source);
  return input.split(',').map((name) => `${node}.${name}`);
}

function findProblems(definition: WorkflowDefinition): string[] {
  const { graph, bindings, constants, outputs, files, requirements } = definition;
  const has = ({ node, input }: Binding) => graph[node]?.inputs[input] !== undefined;
  return [
    ...Object.entries(bindings).flatMap(([parameter, targets]) =>
      targets
        .filter((binding) => !has(binding))
        .map(({ node, input }) => `parameter ${parameter} is bound to ${node}.${input}, which the graph does not have`),
    ),
    ...constants.filter((name) => !has(toBinding(name))).map((name) => `constant ${name} is no input of the graph`),
    ...outputs.filter((id) => !graph[id]).map((id) => `output ${id} is no node of the graph`),
    ...(outputs.length ? [] : ['there is no output']),
    ...Object.keys(files)
      .filter((name) => !bindings[name])
      .map((name) => `file parameter ${name} is not bound`),
    ...findNameProblems(definition),
    ...Object.values(graph)
      .filter(({ class_type }) => !requirements.nodes.includes(class_type))
      .map(({ class_type }) => `node class ${class_type} is not in requirements`),
  ];
}

/** Every parameter must have an option of its own, and the schema must know the same files as `files`. */
function findNameProblems({ bindings, files, parameters }: WorkflowDefinition): string[] {
  const { shape = {} } = parameters as { shape?: object };
  return Object.keys(files).flatMap((name) => {
    const option = optionName(name, true);
    if (bindings[option])
      return [
        `the option \`${option}\` would set both the file \`${name}\` and the parameter \`${option}\`: rename one`,
      ];
    if (!Object.hasOwn(shape, option)) return [];
    return [`file parameter ${name} is not in the schema, which has ${option}: make that option with fileUrl()`];
  });
}

/**
 * Literal inputs that nothing explains: no parameter sets them, no constant names them, and they are neither the name
 * of a required model nor the file name prefix of an output, which the miner sets. An option may have been forgotten.
 *
 * @returns `node.input` of each
 */
export function unexplainedInputs(definition: WorkflowDefinition): string[] {
  const { graph, bindings, constants, outputs, requirements } = definition;
  const bound = Object.values(bindings).flatMap((targets) => targets.map(({ node, input }) => `${node}.${input}`));
  const explained = new Set([...bound, ...constants, ...outputs.map((id) => `${id}.filename_prefix`)]);
  const models = requirements.models.map(({ filename }) => filename);
  return Object.entries(graph).flatMap(([id, { inputs }]) =>
    Object.entries(inputs)
      .filter(([input, value]) => !Array.isArray(value) && !explained.has(`${id}.${input}`))
      .filter(([, value]) => !models.includes(value as string))
      .map(([input]) => `${id}.${input}`),
  );
}
