// Which models a task needs, as one text: what a miner has in memory is compared by it.
import { MODEL_KEY_CHARACTERS } from '../wire/fields.ts';
import { printableLine } from '../wire/printable.ts';
import { bind } from './bind.ts';
import { rawWorkflow } from './raw-workflow.ts';
import type { Graph, GraphNode, WorkflowDefinition } from './workflow-definition.ts';

/** Longer keys are cut, and end with a hash of the whole. */
const HASH_DIGITS = 16;

/** Node classes that read something into memory. */
const LOADER = /load/i;
/** A LoRA is small, and changes from task to task. */
const LORA = /lora/i;
/** Inputs of loaders that name a file: `ckpt_name`, `clip_name1`. */
const NAMES_FILE = /_name\d*$/;
const MODEL_FILE = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i;

/** An input of a graph that names a model file. */
interface ModelInput {
  node: string;
  input: string;
}

/** Definition -> its inputs that name model files. */
const known = new WeakMap<WorkflowDefinition, ModelInput[]>();

/**
 * The key of the models that a task needs: the names of its files, sorted, without LoRAs. Two tasks with the same key find their
 * models in memory after each other, whatever their workflows.
 *
 * @returns empty if it needs none
 */
export function modelKeyOf(definition: WorkflowDefinition, parameters: Record<string, unknown> = {}): string {
  if (definition.task_type === rawWorkflow.task_type) return keyOfGraph(parameters.graph as Graph);
  const { bindings, graph } = definition;
  const inputs = inputsOf(definition);
  const given = Object.entries(parameters).filter(([name]) =>
    bindings[name]?.some((target) => inputs.some(isSame(target))),
  );
  return keyOfNames(namesIn(given.length ? bind(definition, Object.fromEntries(given)) : graph, inputs));
}

/** Whether all tasks of a workflow need the same models, whatever their parameters. */
export function hasFixedModels(definition: WorkflowDefinition): boolean {
  if (definition.task_type === rawWorkflow.task_type) return false;
  const bound = Object.values(definition.bindings).flat();
  return !inputsOf(definition).some((input) => bound.some(isSame(input)));
}

const isSame = (a: ModelInput) => (b: ModelInput) => a.node === b.node && a.input === b.input;

function inputsOf(definition: WorkflowDefinition): ModelInput[] {
  const inputs = known.get(definition) ?? modelInputs(definition.graph);
  known.set(definition, inputs);
  return inputs;
}

function keyOfGraph(graph: Graph): string {
  return keyOfNames(namesIn(graph, modelInputs(graph)));
}

function namesIn(graph: Graph, inputs: readonly ModelInput[]): unknown[] {
  return inputs.map(({ node, input }) => graph[node]!.inputs[input]);
}

function modelInputs(graph: Graph): ModelInput[] {
  return Object.entries(graph).flatMap(([node, each]) =>
    Object.keys(each.inputs).flatMap((input) => (namesModel(each, input) ? [{ node, input }] : [])),
  );
}

function namesModel({ class_type, inputs }: GraphNode, input: string): boolean {
  const value = inputs[input];
  if (typeof value !== 'string' || !LOADER.test(class_type) || LORA.test(class_type)) return false;
  return NAMES_FILE.test(input) || MODEL_FILE.test(value);
}

function keyOfNames(names: readonly unknown[]): string {
  const whole = printableLine([...new Set(names.map(String))].toSorted().join('+'));
  if (whole.length <= MODEL_KEY_CHARACTERS) return whole;
  return `${printableLine(whole, MODEL_KEY_CHARACTERS - HASH_DIGITS - 1)}~${hashOf(whole)}`;
}

/**
 * FNV-1a of 64 bits. Enough to tell models apart, and pure, so that it runs wherever this does. Whoever makes two keys collide gains
 * a load that nobody expected.
 */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(HASH_DIGITS, '0');
}
