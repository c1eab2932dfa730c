import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { ComfyClient, ComfyOutput, Preview } from '@heurist/comfyui';
import { sniffMediaType, type TaskProgress, type TaskVersions } from '@heurist/core';
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
import { InputError } from '../input/input-error.ts';
import { makeRawGraph } from '../input/raw-graph.ts';
import { stripMetadata } from '../output/metadata/strip-metadata.ts';
import type { LeasedTask, OutputDescription } from '../sequencer/sequencer-client.ts';
import { traced } from '../status/tracing.ts';

/** What a task came to on the ComfyUI, before anything is uploaded. */
export interface TaskRun {
  outputs: ComfyOutput[];
  /** As they were run, chosen seeds included, files left out. */
  parameters: Record<string, unknown>;
  /** Model files that took the place of those that the graph names. */
  models: Record<string, string>;
  versions: TaskVersions;
}

/** What running needs. */
export interface RunContext {
  comfyui: ComfyClient;
  policy: InputPolicy;
  /** Classes that a consumer's own graph may have. */
  rawNodes: ReadonlySet<string>;
  signal: AbortSignal;
  report(progress: Partial<TaskProgress>): void;
  /** Is told of the prompt before it is queued, and waited for. */
  onPrompt(prompt_id: string, run: Omit<TaskRun, 'outputs'>): Promise<void>;
}

/** Larger previews are left out: they would not fit into a heartbeat. */
const MAX_PREVIEW_BYTES = 250_000;

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
      onPreview: createPreviewReporter(context),
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
  const upload = (address: string, rule: FileParameter) => uploadInput(address, rule, context);
  if (definition === rawWorkflow) return await makeRawGraph(parameters.graph as Graph, info, context.rawNodes, upload);
  const names: Record<string, string> = {};
  for (const [name, rule] of Object.entries(definition.files))
    if (parameters[name] !== undefined) names[name] = await upload(String(parameters[name]), rule);
  return bind(definition, { ...parameters, ...names });
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

/** A prefix of its own for each task: the saver runs even if all else is cached, and never lists an older file. */
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

function createPreviewReporter({ report }: RunContext) {
  return ({ bytes, contentType }: Preview) => {
    if (bytes.length > MAX_PREVIEW_BYTES) return;
    const preview = `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`;
    report({ preview });
  };
}

/** What the definition names, in its order, or all of it; temporary files only where there is nothing else. */
export function selectOutputs(outputs: ComfyOutput[], definition?: WorkflowDefinition): ComfyOutput[] {
  const ids = definition?.outputs ?? [];
  const named = ids.flatMap((id) => outputs.filter(({ node_id }) => node_id === id));
  const wanted = ids.length ? named : outputs;
  const lasting = wanted.filter((output) => output.kind === 'text' || output.type === 'output');
  const selected = lasting.length ? lasting : wanted;
  if (!selected.length) throw new InputError('no_output', 'The workflow made nothing from these parameters.');
  return selected;
}

/** Fetches an output from ComfyUI and describes it. The graph that ComfyUI wrote into it is left out, unless it is to be kept. */
export async function collectOutput(
  output: ComfyOutput,
  { comfyui, keepMetadata }: { comfyui: ComfyClient; keepMetadata: boolean },
  signal: AbortSignal,
): Promise<{ blob: Blob; description: OutputDescription }> {
  const isText = output.kind === 'text';
  const saved = isText ? new Blob([output.text]) : await comfyui.view(output, signal);
  const content = new Uint8Array(await saved.arrayBuffer());
  const bytes = keepMetadata ? content : stripMetadata(content);
  return {
    blob: new Blob([bytes]),
    description: {
      filename: isText ? `${output.node_id}.txt` : output.filename.slice(-255),
      kind: output.kind,
      content_type: isText ? 'text/plain; charset=utf-8' : (sniffMediaType(bytes) ?? 'application/octet-stream'),
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      node_id: output.node_id,
      ...pngSize(bytes),
    },
  };
}

/** Width and height of a PNG: https://www.w3.org/TR/png-3/#11IHDR */
function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (sniffMediaType(bytes) !== 'image/png' || bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
