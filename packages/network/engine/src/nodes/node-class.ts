import type { InputSpec, NodeInfo, ObjectInfo } from '@heurist/comfyui';
import type { ImageBatch } from '../images/image.ts';
import type { Inference } from '../inference/inference.ts';
import type { EngineFiles } from '../storage/files.ts';
import type { ModelFolders } from '../storage/model-folders.ts';

/** What a node can reach. */
export interface NodeServices {
  files: EngineFiles;
  models: ModelFolders;
  inference: Inference;
}

/** Makes a picture of the work so far; called only when it is time to show one. */
export type RenderPreview = () => ImageBatch | Promise<ImageBatch>;

/** What a running node can do besides returning. */
export interface NodeContext extends NodeServices {
  /** Reports a step. Throws when the prompt was interrupted. */
  progress(value: number, max: number, preview?: RenderPreview): Promise<void>;
}

/** What a node gives back: a value per output, and what goes into the history. */
export interface NodeResult {
  outputs: unknown[];
  ui?: Record<string, unknown[]>;
}

/** A node class: what ComfyUI says about it, and what it does. */
export interface NodeClass {
  name: string;
  displayName: string | null;
  category: string;
  description?: string;
  pythonModule: string;
  /** Nodes of ComfyUI's newer schema print a few more fields. */
  isV3?: boolean;
  input(services: NodeServices): Record<string, InputSpec>;
  hidden?: Record<string, string>;
  /** Types of the outputs. */
  output: readonly string[];
  /** Default: the types. */
  outputNames?: readonly string[];
  outputTooltips?: readonly string[];
  isOutput?: boolean;
  /** Changes when the node would give something else for the same inputs, such as the hash of a file. */
  fingerprint?(inputs: Record<string, unknown>, services: NodeServices): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: the validator has made sure of the types
  run(inputs: any, context: NodeContext): Promise<NodeResult> | NodeResult;
}

/** An entry of `/object_info`. */
export function describeNode(node: NodeClass, services: NodeServices): NodeInfo & Record<string, unknown> {
  const required = node.input(services);
  return {
    input: { required, ...(node.hidden && { hidden: node.hidden }) },
    input_order: { required: Object.keys(required), ...(node.hidden && { hidden: Object.keys(node.hidden) }) },
    output: node.output,
    output_is_list: node.output.map(() => false),
    output_name: node.outputNames ?? node.output,
    ...(node.isV3 && { output_tooltips: node.output.map(() => null) }),
    name: node.name,
    display_name: node.displayName,
    description: node.description ?? '',
    python_module: node.pythonModule,
    category: node.category,
    output_node: node.isOutput ?? false,
    ...(node.outputTooltips && { output_tooltips: node.outputTooltips }),
    ...(node.isV3 && { deprecated: false, experimental: false, api_node: false }),
  };
}

/** The answer of `/object_info`. */
export function describeNodes(classes: ReadonlyMap<string, NodeClass>, services: NodeServices): ObjectInfo {
  return Object.fromEntries([...classes].map(([name, node]) => [name, describeNode(node, services)]));
}
