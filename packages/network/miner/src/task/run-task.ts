import { createHash, randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { type ComfyClient, ComfyError, type ComfyOutput } from '@heurist/comfyui';
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
import { fileEnding, parametersOf, printableLine } from '@heurist/core/protocol';
import { HiddenAddressError } from '@heurist/server-kit/public-address';
import { untraced } from '@heurist/server-kit/untraced';
import type { ServerCheck } from '../comfyui/check-requirements.ts';
import { markOf } from '../comfyui/cleaner.ts';
import { INPUT_PREFIX } from '../comfyui/comfy-folder.ts';
import { fetchInput } from '../input/fetch-input.ts';
import type { InputPolicy } from '../input/input-policy.ts';
import { makeRawGraph } from '../input/raw-graph.ts';
import { together } from '../input/together.ts';
import type { LeasedTask } from '../sequencer/sequencer-client.ts';
import { traced } from '../status/tracing.ts';
import { createPreviewReporter } from './report-preview.ts';
import { type SelectedOutputs, selectOutputs } from './select-outputs.ts';
import { withSeed } from './with-seed.ts';

/** What a task produced on the ComfyUI, before anything is uploaded. */
export interface TaskRun extends SelectedOutputs {
  /** The parameters that it ran with: chosen seeds included, files left out. */
  parameters: Record<string, unknown>;
  /** Model files that replaced those that the graph names. */
  models: Record<string, string>;
  versions: TaskVersions;
  /** Seconds of it in which inputs were fetched, and models or files loaded; missing if nobody looked. */
  load_latency?: number;
  /** Seconds in which its models were loaded, 0 if they were in memory; missing if that is not known. */
  model_load_latency?: number;
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
  /** Part of the names of uploaded inputs: other than empty, no other run shares them. */
  inputSalt: string;
  report(progress: Partial<TaskProgress>): void;
  /** Called before each input is fetched. */
  onFetch(): void;
  /** Called with the host of an input that was refused since it is private, and with the address that its name led to. */
  onHidden(host: string, address: string | undefined): void;
  /** Called with the name and size of each input that was uploaded, and awaited. */
  onInput(name: string, bytes: number): Promise<void>;
  /** Called with the prompt before it is queued, and awaited. */
  onPrompt(prompt: Prompt): Promise<void>;
  /** Called when the ComfyUI begins with a prompt. */
  onStart(): void;
  /** Called when a node of it has made a step. */
  onStep(): void;
  /** Called when a prompt was interrupted, and another is to be queued in its place. */
  onInterrupted(): void;
}

/** A prompt that is about to be queued. */
interface Prompt {
  prompt_id: string;
  /** Subfolders that it saves into. */
  folders: string[];
  run: Omit<TaskRun, keyof SelectedOutputs>;
}

/** How often a graph that somebody else interrupts is queued again. */
export const MAX_INTERRUPTS = 3;

/** Runs the graph of a task: parameters, input files, binding, ComfyUI. */
export async function runTask(
  { task_id, task_details, file_origins: fileOrigins, max_outputs }: LeasedTask,
  check: ServerCheck,
  common: RunContext,
): Promise<TaskRun> {
  const context = { ...common, policy: { ...common.policy, fileOrigins } };
  const { definition, models, versions } = check;
  const parameters = withSeed(definition, parametersOf(task_details));
  checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
  const named = await traced('fetch inputs', { task_id }, () => makeGraph(check, parameters, context));
  const reported = Object.entries(parameters).filter(([name]) => !definition.files[name]);
  const run = { parameters: Object.fromEntries(reported), models: replacedModels(named, models), versions };
  const outputs = await runGraph(task_id, bindModels(named, models), check, run, context);
  return { ...run, ...selectOutputs(outputs, definition, max_outputs) };
}

/**
 * Runs a graph to its end. An interrupt that nobody asked for here was meant for another prompt, or came from somebody else at this
 * ComfyUI: the task has no part in it, and is begun again.
 */
async function runGraph(
  task_id: string,
  graph: Graph,
  { definition }: ServerCheck,
  run: Prompt['run'],
  context: RunContext,
): Promise<ComfyOutput[]> {
  for (let interrupts = 0; ; interrupts++) {
    const prompt_id = randomUUID();
    const own = withPrefix(structuredClone(graph), definition, markOf({ task_id, prompt_id }));
    await context.onPrompt({ prompt_id, folders: foldersOf(own), run });
    try {
      return await traced('run graph', { task_id }, () => runPrompt(prompt_id, own, context));
    } catch (error) {
      const isInterrupted = ComfyError.isInstance(error) && error.code === 'comfyui_interrupted';
      if (!isInterrupted || context.signal.aborted || interrupts >= MAX_INTERRUPTS) throw error;
      context.onInterrupted();
    }
  }
}

async function runPrompt(prompt_id: string, graph: Graph, { comfyui, signal, report, onStart, onStep }: RunContext) {
  const { outputs } = await comfyui.run(graph, {
    prompt_id,
    signal,
    onProgress: ({ percent, node_type }) =>
      report({ percent: Math.floor(percent), ...(node_type && { node: printableLine(node_type, 200) }) }),
    onPreview: createPreviewReporter(report),
    onStart,
    onStep,
  });
  return outputs;
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
  const names = await together(
    given.map(async ([name, rule]) => [name, await upload(String(parameters[name]), rule)] as const),
  );
  return bind(definition, { ...parameters, ...Object.fromEntries(names) });
}

type UploadInput = (address: string, rule: FileParameter) => Promise<string>;

/** Fetches the inputs of one task, beside one another. The first failure ends the others. */
function createUpload(context: RunContext): UploadInput {
  const { signal, inputSignal } = context;
  const failed = new AbortController();
  const any = AbortSignal.any([signal, failed.signal, ...(inputSignal ? [inputSignal] : [])]);
  return async (address, rule) => {
    try {
      return await uploadInput(address, rule, { ...context, signal: any });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
}

/** The replacements that this graph needed. */
function replacedModels(graph: Graph, models: Record<string, string>): Record<string, string> {
  const values = new Set(Object.values(graph).flatMap(({ inputs }) => Object.values(inputs)));
  return Object.fromEntries(Object.entries(models).filter(([name]) => values.has(name)));
}

/** Each run gets its own prefix: the saver runs even if all else is cached, and never lists an older file. */
function withPrefix(graph: Graph, { outputs }: WorkflowDefinition, mark: string): Graph {
  for (const id of outputs.length ? outputs : Object.keys(graph)) {
    const inputs = graph[id]?.inputs;
    if (typeof inputs?.filename_prefix === 'string') inputs.filename_prefix += `-${mark}`;
  }
  return graph;
}

/** Subfolders that the savers of a graph save into. */
function foldersOf(graph: Graph): string[] {
  const prefixes = Object.values(graph).flatMap(({ inputs }) => inputs.filename_prefix ?? []);
  return [...new Set(prefixes.map((prefix) => dirname(String(prefix))))];
}

/** Fetches an input file and hands it to ComfyUI. Returns its name there. */
async function uploadInput(
  address: string,
  rule: FileParameter,
  { comfyui, policy, signal, inputSalt, onFetch, onHidden, onInput }: RunContext,
): Promise<string> {
  onFetch();
  // an instrumented fetch would export the address, which an app chose, and often signs
  const fetched = untraced(() => fetchInput(address, rule, policy, signal));
  const { bytes, contentType } = await fetched.catch((error) => {
    if (error.cause instanceof HiddenAddressError) onHidden(URL.parse(address)?.host ?? '', error.cause.address);
    throw error;
  });
  // named by content: nothing that a stranger wrote becomes a file name
  const hash = createHash('sha256').update(inputSalt).update(bytes).digest('hex').slice(0, 32);
  // loaders of models go by the ending, of which we take only those that we know
  const ending =
    rule.kind === 'file' ? fileEnding(contentType, URL.parse(address)?.pathname) : contentType.split('/')[1];
  const filename = `${INPUT_PREFIX}${hash}.${ending}`;
  const name = await comfyui.upload({ bytes: new Blob([bytes], { type: contentType }), filename });
  await onInput(name, bytes.byteLength);
  return name;
}
