import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { ComfyClient, ComfyOutput } from '@heurist/comfyui';
import type { TaskProgress, TaskVersions } from '@heurist/core';
import {
  bind,
  bindModels,
  checkParameters,
  type FileParameter,
  type Graph,
  rawWorkflow,
  type WorkflowDefinition,
} from '@heurist/core/definition';
import { parametersOf } from '@heurist/core/protocol';
import type { ServerCheck } from '../comfyui/check-requirements.ts';
import { fetchInput, type InputPolicy } from '../input/fetch-input.ts';
import { makeRawGraph } from '../input/raw-graph.ts';
import type { LeasedTask } from '../sequencer/sequencer-client.ts';
import { traced } from '../status/tracing.ts';
import { createPreviewReporter } from './report-preview.ts';
import { selectOutputs } from './select-outputs.ts';

/** What a task produced on the ComfyUI, before anything is uploaded. */
export interface TaskRun {
  outputs: ComfyOutput[];
  /** The parameters that it ran with: chosen seeds included, files left out. */
  parameters: Record<string, unknown>;
  /** Model files that replaced those that the graph names. */
  models: Record<string, string>;
  versions: TaskVersions;
}

/** What a run needs. */
export interface RunContext {
  comfyui: Pick<ComfyClient, 'upload' | 'run'>;
  policy: InputPolicy;
  /** Classes that a consumer's own graph may have. */
  rawNodes: ReadonlySet<string>;
  signal: AbortSignal;
  /** Ends the fetching of inputs, besides `signal`. Its reason is the error of the task. */
  inputSignal?: AbortSignal;
  report(progress: Partial<TaskProgress>): void;
  /** Called with the prompt before it is queued, and awaited. */
  onPrompt(prompt_id: string, run: Omit<TaskRun, 'outputs'>): Promise<void>;
}

/** Runs the graph of a task: parameters, input files, binding, ComfyUI. */
export async function runTask(
  { task_id, task_details }: LeasedTask,
  check: ServerCheck,
  context: RunContext,
): Promise<TaskRun> {
  const { definition, models, versions } = check;
  const parameters = withSeed(definition, parametersOf(task_details));
  checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
  const named = await traced('fetch inputs', { task_id }, () => makeGraph(check, parameters, context));
  const graph = withPrefix(bindModels(named, models), definition, task_id);
  const reported = Object.entries(parameters).filter(([name]) => !definition.files[name]);
  const run = { parameters: Object.fromEntries(reported), models: replacedModels(named, models), versions };
  const prompt_id = randomUUID();
  await context.onPrompt(prompt_id, run);
  const { outputs } = await traced('run graph', { task_id }, () =>
    context.comfyui.run(graph, {
      prompt_id,
      signal: context.signal,
      onProgress: ({ percent, node_type }) => context.report({ percent: Math.floor(percent), node: node_type }),
      onPreview: createPreviewReporter(context.report),
    }),
  );
  return { ...run, outputs: selectOutputs(outputs, definition) };
}

/** The graph of the workflow with its parameters, or the consumer's own. */
async function makeGraph(
  { definition, info }: ServerCheck,
  parameters: Record<string, unknown>,
  context: RunContext,
): Promise<Graph> {
  const upload = createUpload(context);
  if (definition === rawWorkflow) return await makeRawGraph(parameters.graph as Graph, info, context.rawNodes, upload);
  const given = Object.entries(definition.files).filter(([name]) => parameters[name] !== undefined);
  const names = await Promise.all(
    given.map(async ([name, rule]) => [name, await upload(String(parameters[name]), rule)] as const),
  );
  return bind(definition, { ...parameters, ...Object.fromEntries(names) });
}

type UploadInput = (address: string, rule: FileParameter) => Promise<string>;

/** Fetches the inputs of one task, beside one another. The first failure ends the others. */
function createUpload({ comfyui, policy, signal, inputSignal }: RunContext): UploadInput {
  const failed = new AbortController();
  const any = AbortSignal.any([signal, failed.signal, ...(inputSignal ? [inputSignal] : [])]);
  return async (address, rule) => {
    try {
      return await uploadInput(address, rule, { comfyui, policy, signal: any });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
}

/** No seed given means a fresh one: ComfyUI would answer the same graph from its cache. */
function withSeed({ bindings }: WorkflowDefinition, parameters: Record<string, unknown>): Record<string, unknown> {
  const places = (name: string) => (bindings[name] ?? []).map(({ node, input }) => `${node}.${input}`);
  const set = new Set(Object.keys(parameters).flatMap((name) => (parameters[name] === undefined ? [] : places(name))));
  const isFree = bindings.seed && !places('seed').some((place) => set.has(place));
  return isFree ? { ...parameters, seed: randomInt(2 ** 48 - 1) } : parameters;
}

/** The replacements that this graph needed. */
function replacedModels(graph: Graph, models: Record<string, string>): Record<string, string> {
  const values = new Set(Object.values(graph).flatMap(({ inputs }) => Object.values(inputs)));
  return Object.fromEntries(Object.entries(models).filter(([name]) => values.has(name)));
}

/** Each task gets its own prefix: the saver runs even if all else is cached, and never lists an older file. */
function withPrefix(graph: Graph, { outputs }: WorkflowDefinition, task_id: string): Graph {
  for (const id of outputs.length ? outputs : Object.keys(graph)) {
    const inputs = graph[id]?.inputs;
    if (typeof inputs?.filename_prefix === 'string') inputs.filename_prefix += `-${task_id}`;
  }
  return graph;
}

/** Fetches an input file and hands it to ComfyUI. Returns its name there. */
async function uploadInput(
  address: string,
  rule: FileParameter,
  { comfyui, policy, signal }: Pick<RunContext, 'comfyui' | 'policy' | 'signal'>,
): Promise<string> {
  const { bytes, contentType } = await fetchInput(address, rule, policy, signal);
  // named by content: nothing that a stranger wrote becomes a file name
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const filename = `heurist-${hash}.${contentType.split('/')[1]}`;
  return await comfyui.upload({ bytes: new Blob([bytes], { type: contentType }), filename });
}
