import { HeuristError, type HeuristErrorOptions } from '@heurist/core';
import type { NodeErrors } from './schemas.ts';

/** What can go wrong with a ComfyUI server. */
export type ComfyErrorCode =
  /** The server cannot be reached, or failed. */
  | 'comfyui_unreachable'
  /** The server refused the graph; `nodeErrors` says why. */
  | 'comfyui_invalid_graph'
  /** A node failed; `node_id` and `node_type` say which. */
  | 'comfyui_execution_failed'
  /** Somebody interrupted the prompt, or took it out of the queue. */
  | 'comfyui_interrupted'
  /** The prompt is in neither the queue nor the history: the server was restarted, or it was deleted. */
  | 'comfyui_prompt_lost'
  /** The queue does not move: the server's worker thread hangs or is dead. Restart the server. */
  | 'comfyui_stuck'
  /** The server answered something that this client does not know. */
  | 'comfyui_invalid_reply';

/** ComfyUI's errors by node, a line each. */
export function describeNodeErrors(nodeErrors: NodeErrors): string[] {
  return Object.entries(nodeErrors).flatMap(([id, { class_type, errors }]) =>
    errors.map(({ message, details }) => `node ${id} (${class_type}): ${message}: ${details}`),
  );
}

/** Where and why a graph failed. */
export interface ComfyErrorDetails {
  /** ComfyUI's errors by node, for a refused graph. */
  nodeErrors?: NodeErrors;
  /** Node that failed. */
  node_id?: string;
  /** Class of that node. */
  node_type?: string;
  /** Python's class of the failure, such as `torch.OutOfMemoryError`. */
  exception_type?: string;
  /** The prompt. */
  prompt_id?: string;
}

/** An error of a ComfyUI server, or on the way to it. */
export class ComfyError extends HeuristError {
  static override readonly className: string = 'ComfyError';
  readonly nodeErrors: NodeErrors;
  readonly node_id: string | undefined;
  readonly node_type: string | undefined;
  readonly exception_type: string | undefined;
  readonly prompt_id: string | undefined;

  constructor(message: string, options: HeuristErrorOptions & { code: ComfyErrorCode } & ComfyErrorDetails) {
    super(message, options);
    this.nodeErrors = options.nodeErrors ?? {};
    this.node_id = options.node_id;
    this.node_type = options.node_type;
    this.exception_type = options.exception_type;
    this.prompt_id = options.prompt_id;
  }
}
