import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import type { InferenceRuntime } from '@heurist/engine';

/** Settings of a local network. */
export interface LocalNetworkOptions {
  /** What it should run. */
  workflows: readonly WorkflowDefinition[];
  /** Where the queue, files and keys are stored. Default: in memory and in a temporary folder, deleted at the end. */
  dataDir?: string;
  /** Port of the sequencer. Default: any free port. */
  port?: number;
  /** Address of a ComfyUI to run on. Default: the embedded CPU engine. */
  comfyui?: string;
  /** ONNX runtime of the engine. Default `auto`. */
  runtime?: InferenceRuntime;
  /**
   * Whether tasks may read inputs from this machine and from private networks, such as your app's development server,
   * and send webhooks there. Default `true`: on a local network, tasks are your own.
   */
  allowPrivateInputs?: boolean;
  /** Origins of web pages that may call it with a session token, such as `http://localhost:5173`. Default: none. */
  corsOrigins?: readonly string[];
  /**
   * Seconds without a heartbeat after which a task is retried. Default 15: all parts share a process and may stall
   * together, which does not mean that the miner is lost.
   */
  leaseSeconds?: number;
  /**
   * How to connect a miner to the network at this address, such as a command line. It ends the error for tasks that need one.
   * Default: not said.
   */
  minerHint?: (url: string) => string;
  logger?: Logger;
}
