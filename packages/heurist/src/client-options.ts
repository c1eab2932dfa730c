import type { HeuristOptions } from '@heurist/core';

/** Options of the client. Those left out are read from the environment when the first call is made. */
export interface ClientOptions extends Omit<HeuristOptions, 'workflowURL'> {
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | null | undefined;
  /** Was the address of the image service. It is read, and not used: images are made by the network at `workflowURL`. */
  baseURL?: string | null | undefined;
  /** Image models of your own, or other graphs for known ones: name -> workflow id. They come before {@link imageModels}. */
  models?: Readonly<Record<string, string>> | undefined;
}
