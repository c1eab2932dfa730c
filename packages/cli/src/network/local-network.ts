import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';

/** Settings of a network that runs in this process. */
export interface DevNetworkOptions {
  /** What it should run. */
  workflows: readonly WorkflowDefinition[];
  /** Where the queue, files and keys are stored. Default: in memory and a temporary folder. */
  dataDir?: string;
  /** Port of the sequencer. Default: any free port. */
  port?: number;
  /** Origins of web pages that may call it with a session token. Default: none. */
  corsOrigins?: readonly string[];
  /** Address of a ComfyUI to run on. Default: the CPU engine. */
  comfyui?: string;
  /** How to connect a miner to the network at this address, for errors. */
  minerHint?: (url: string) => string;
  logger?: Logger;
}

/** A network that runs in this process. */
export interface DevNetwork {
  /** Address of the sequencer. */
  url: string;
  /** A consumer's key. */
  apiKey: string;
  /** Address of its ComfyUI-compatible server. */
  comfyuiUrl: string;
  /** For each workflow, what the server lacks to run it. */
  readonly checks: readonly { workflow_id: string; missing: readonly string[] }[];
  /** Serves other workflows from now on, once the running task has finished. */
  replaceWorkflows(workflows: readonly WorkflowDefinition[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts a network in this process: `startLocalNetwork` of `@heurist/dev`, on which this package does not depend. */
export type StartDevNetwork = (options: DevNetworkOptions) => Promise<DevNetwork>;
