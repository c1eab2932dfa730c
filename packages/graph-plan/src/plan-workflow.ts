import {
  type BindingSource,
  defineWorkflow,
  type FileParameter,
  type Graph,
  type ModelRequirement,
  unexplainedInputs,
  type WorkflowDefinition,
  wireSchema,
} from '@heurist/core/definition';
import { options } from '@heurist/core/parameters';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import * as z from 'zod/mini';
import { checkLinks } from './check-links.ts';
import type { GraphPlan, Makes, Note } from './find/graph-plan.ts';
import { withNumbers } from './find/numbers-as-text.ts';
import { findPlan } from './find-plan.ts';
import type { FoundParameter } from './found-parameter.ts';
import { usedNodes } from './graph-walk.ts';
import { modelFolder } from './model-folders.ts';
import { optionPieces } from './option-pieces.ts';

/** The plan of a workflow package. */
export interface WorkflowPlan {
  /** Name of the package and of the workflow. */
  name: string;
  task_type: string;
  graph: Graph;
  parameters: FoundParameter[];
  /** Nodes whose outputs are the result. */
  outputs: string[];
  /** What the first output is. */
  makes: Makes;
  models: ModelRequirement[];
  constants: string[];
  /** Classes of nodes that lead to no output. */
  dropped: string[];
  notes: Note[];
}

/** Largest input file of a created workflow, in bytes. */
const MAX_FILE_BYTES = 50_000_000;

/**
 * Plans the workflow of a graph: parameters, outputs, models, constants.
 *
 * @param known - workflows with the addresses of model files
 * @param shapes - what is known of node classes; of others, the names tell
 * @param plan - what was found in the graph, and may have been changed
 * @throws {PlanError} `invalid_input` if the graph saves nothing or is incomplete
 */
export function planWorkflow(
  name: string,
  source: Graph,
  known: readonly WorkflowDefinition[],
  shapes: NodeShapes = {},
  plan: GraphPlan = findPlan(source, shapes),
): WorkflowPlan {
  const outputs = plan.outputs.map(({ node }) => node);
  const graph = usedNodes(withNumbers(source, shapes).graph, outputs);
  checkLinks(graph);
  const parameters = plan.options;
  const models = findModels(graph, known);
  const makes = plan.outputs[0]!.makes;
  const task_type = taskTypeOf(makes, parameters, name);
  const planned = { name, graph, parameters, outputs, makes, models, task_type, notes: plan.notes };
  const dropped = Object.keys(source).filter((id) => !Object.hasOwn(graph, id));
  return {
    ...planned,
    constants: unexplainedInputs(definitionOf(planned, z.looseObject({}))),
    dropped: dropped.map((id) => source[id]!.class_type),
  };
}

/** Parameter -> the inputs that it sets. */
export function bindingsOf(parameters: readonly FoundParameter[]): Record<string, BindingSource[]> {
  return Object.fromEntries(parameters.map(({ name, bindings }) => [name, bindings]));
}

/** The parameters that are files. */
export function filesOf(parameters: readonly FoundParameter[]): Record<string, FileParameter> {
  const files = parameters.filter(({ file }) => file);
  return Object.fromEntries(files.map(({ name, file }) => [name, { kind: file!, max_bytes: MAX_FILE_BYTES }]));
}

/** The definition of a plan, with the schema of its options. */
export function planDefinition(plan: WorkflowPlan, pieces = optionPieces(plan.parameters)): WorkflowDefinition {
  const shape = Object.assign({}, ...pieces.map((piece) => piece.shape));
  return definitionOf(plan, wireSchema(options(shape)));
}

/**
 * The definition of a plan.
 *
 * @param parameters - schema of the parameters on the wire
 */
function definitionOf(
  plan: Omit<WorkflowPlan, 'constants' | 'dropped' | 'notes'>,
  parameters: z.ZodMiniType,
): WorkflowDefinition {
  const { name, graph, outputs, models, task_type } = plan;
  return defineWorkflow({
    workflow_id: name,
    task_type,
    title: name,
    parameters,
    graph,
    bindings: bindingsOf(plan.parameters),
    files: filesOf(plan.parameters),
    outputs,
    requirements: { models },
  });
}

/** The known task type that fits, else the workflow's own name. */
function taskTypeOf(makes: Makes, parameters: readonly FoundParameter[], name: string): string {
  const has = (kind: string) => parameters.some((parameter) => parameter.kind === kind || parameter.name === kind);
  const target = { image: 'img', video: 'vid', audio: 'audio', text: '', file: '' }[makes];
  if (!target || !has('seed')) return name;
  if (has('mask')) return makes === 'image' ? 'inpaint' : name;
  if (has('image')) return makes === 'audio' ? name : `img2${target}`;
  return has('prompt') || has('tags') ? `txt2${target}` : name;
}

/** Every model file that the graph names, with its address if a known workflow uses it. */
function findModels(graph: Graph, known: readonly WorkflowDefinition[]): ModelRequirement[] {
  const catalogue = known.flatMap(({ requirements }) => requirements.models);
  const found = Object.values(graph).flatMap(({ class_type, inputs }) =>
    Object.entries(inputs).flatMap(([input, filename]): ModelRequirement[] => {
      const folder = modelFolder(class_type, input);
      if (!folder || typeof filename !== 'string') return [];
      // servers may keep files in subfolders
      const base = filename.split(/[/\\]/).at(-1);
      const same = catalogue.find((model) => model.folder === folder && model.filename === base);
      const { url, bytes } = same ?? {};
      return [{ folder, filename, ...(url && { url }), ...(bytes && { bytes }) }];
    }),
  );
  return [...new Map(found.map((model) => [`${model.folder}/${model.filename}`, model])).values()];
}
