import { HeuristError, type HeuristErrorOptions } from '@heurist/core';
import { printable, printableLine } from '@heurist/core/protocol';
import type { NodeErrors } from './schemas.ts';

/** What can go wrong with a ComfyUI server. */
export type ComfyErrorCode =
  /** The server cannot be reached, or failed. */
  | 'comfyui_unreachable'
  /** The server refused the graph: see `nodeErrors`. */
  | 'comfyui_invalid_graph'
  /** A node failed: see `node_id` and `node_type`. */
  | 'comfyui_execution_failed'
  /** Somebody interrupted the prompt. */
  | 'comfyui_interrupted'
  /** The prompt is in neither the queue nor the history: the server was restarted, or the prompt was deleted. */
  | 'comfyui_prompt_lost'
  /** The queue is stuck: the server's worker thread hangs or is dead. Restart the server. */
  | 'comfyui_stuck'
  /** The server returned an answer that this client does not understand. */
  | 'comfyui_invalid_reply';

/** ComfyUI's errors by node, one line each. */
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
  /** Python class of the exception, such as `torch.OutOfMemoryError`. */
  exception_type?: string;
  /** Id of the prompt. */
  prompt_id?: string;
}

/** Most characters of a message and of a name. A custom node may say anything, at any length. */
const LONGEST_MESSAGE = 2000;
const LONGEST_NAME = 200;

const nameOf = (text: unknown) => (text === undefined ? undefined : printableLine(String(text), LONGEST_NAME));

/** A ComfyUI server failed, or could not be reached. What it says is printable and bounded here. */
export class ComfyError extends HeuristError {
  static override readonly className: string = 'ComfyError';
  readonly nodeErrors: NodeErrors;
  readonly node_id: string | undefined;
  readonly node_type: string | undefined;
  readonly exception_type: string | undefined;
  readonly prompt_id: string | undefined;
  /** Whether the message is only the beginning of what was said. */
  readonly truncated: boolean;

  constructor(message: string, options: HeuristErrorOptions & { code: ComfyErrorCode } & ComfyErrorDetails) {
    super(printable(message, LONGEST_MESSAGE), options);
    this.truncated = printable(message).length > LONGEST_MESSAGE;
    this.nodeErrors = options.nodeErrors ?? {};
    this.node_id = nameOf(options.node_id);
    this.node_type = nameOf(options.node_type);
    this.exception_type = nameOf(options.exception_type);
    this.prompt_id = options.prompt_id;
  }
}
