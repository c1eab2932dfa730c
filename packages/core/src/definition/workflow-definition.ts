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

/** The input of a node that a parameter sets. It is set to the parameter's value, unless one of the rules below applies. */
export interface Binding {
  node: string;
  input: string;
  /** Value of the parameter -> value of the input. Other values leave the input unchanged. */
  values?: Record<string, unknown>;
  /** Multiplies a number. */
  factor?: number;
  /** Suffix that is added to text unless it is there already. */
  suffix?: string;
}

/** A parameter that is a file: a URL that the miner downloads for ComfyUI. */
export interface FileParameter {
  /** `file` is anything else, such as a 3D model: it is passed on as it is. */
  kind: 'image' | 'video' | 'audio' | 'file';
  /** Largest accepted file, in bytes. */
  max_bytes: number;
}

/** A model file that a graph needs. */
export interface ModelRequirement {
  /** ComfyUI's folder under `models/`, such as `upscale_models`. */
  folder: string;
  /** Name in the graph. */
  filename: string;
  /** Where to download it, if known. */
  url?: string;
  sha256?: string;
  /** Size in bytes, for display and to check free disk space. May be rounded to three digits. */
  bytes?: number;
  /** Files to use on servers without `filename`, best first. */
  alternatives?: string[];
}

/** Everything that the network needs to run a workflow. Plain data, except for the schema. */
export interface WorkflowDefinition {
  /** Id of the workflow on the wire. */
  workflow_id: string;
  task_type: WorkflowTaskType;
  /** One line that describes it. */
  title: string;
  /** Schema of `task_details.parameters`. */
  parameters: z.ZodMiniType<Record<string, unknown>>;
  graph: Graph;
  /** Parameter -> the inputs that it sets. Inputs of parameters that are left out keep the graph's value. */
  bindings: Record<string, Binding[]>;
  /** Inputs that keep the graph's value on purpose: `node.input`. */
  constants: string[];
  /** Which parameters are files. */
  files: Record<string, FileParameter>;
  /** Nodes whose outputs are the result, main output first. */
  outputs: string[];
  requirements: { nodes: string[]; models: ModelRequirement[] };
  /** Seconds that one run may take, whatever progress it reports. Default: the network's limit, 6 hours. */
  max_run_seconds?: number;
  /** Seconds that a run may go on without any progress. Default: the network's limit, 2 hours. */
  max_stalled_seconds?: number;
}

/** A binding as written in a definition: `node.input`, or an object with a rule. */
export type BindingSource = string | Binding;

/** A definition as it is written: what can be derived may be left out. */
export interface WorkflowSource
  extends Omit<WorkflowDefinition, 'bindings' | 'constants' | 'files' | 'requirements' | 'parameters'> {
  parameters: z.ZodMiniType;
  bindings: Record<string, BindingSource | BindingSource[]>;
  /** `node.input`, or several of one node: `node.input,input`. */
  constants?: string[];
  /** Default: none. */
  files?: Record<string, FileParameter>;
  /** `nodes` defaults to the node classes in the graph. */
  requirements?: { nodes?: string[]; models?: ModelRequirement[] };
}

/**
 * Completes a definition and checks that it is consistent.
 *
 * @throws {HeuristError} `invalid_configuration` with every problem: bindings, files, constants and outputs that point
 * nowhere, and options whose names clash
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
    ...constants.filter((name) => !has(toBinding(name))).map((name) => `constant ${name} is not an input of the graph`),
    ...outputs.filter((id) => !graph[id]).map((id) => `output ${id} is not a node of the graph`),
    ...(outputs.length ? [] : ['it has no outputs']),
    ...findTimeProblems(definition),
    ...Object.keys(files)
      .filter((name) => !bindings[name])
      .map((name) => `file parameter ${name} has no binding`),
    ...findNameProblems(definition),
    ...Object.values(graph)
      .filter(({ class_type }) => !requirements.nodes.includes(class_type))
      .map(({ class_type }) => `node class ${class_type} is missing in requirements.nodes`),
  ];
}

/** No run outlives the token of its lease. */
const LONGEST_SECONDS = 82_800;

function findTimeProblems({ max_run_seconds, max_stalled_seconds }: WorkflowDefinition): string[] {
  return Object.entries({ max_run_seconds, max_stalled_seconds })
    .filter(([, seconds = 1]) => !(seconds > 0 && seconds <= LONGEST_SECONDS))
    .map(([name, seconds]) => `\`${name}\` must be above 0 and at most ${LONGEST_SECONDS} seconds (got ${seconds})`);
}

/** No two parameters may share an option, and a file must be a file in the schema too. */
function findNameProblems({ bindings, files, parameters }: WorkflowDefinition): string[] {
  const { shape = {} } = parameters as { shape?: object };
  return Object.keys(files).flatMap((name) => {
    const option = optionName(name, true);
    if (bindings[option])
      return [`option \`${option}\` would set both the file \`${name}\` and the parameter \`${option}\`: rename one`];
    if (!Object.hasOwn(shape, option)) return [];
    return [`file parameter ${name} is not in the schema, but ${option} is: make that option with fileUrl()`];
  });
}

/**
 * Finds literal inputs that nothing explains: no binding sets them, no constant lists them, and they are neither a required
 * model nor the file name prefix of an output, which the miner sets. An option may have been forgotten.
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
