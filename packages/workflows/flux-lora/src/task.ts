import {
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskOptions,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import type * as z from 'zod/mini';
import { fluxLoraOptions } from './options.ts';

/** Options of a picture in the style of a LoRA. `workflow_id` is for networks that know the graph by another name than `3`. */
export type FluxLoraTaskOptions = WorkflowTaskOptions & z.input<typeof fluxLoraOptions>;

/** What a FLUX LoRA task makes. */
export interface FluxLoraOutput extends SeededOutput {
  /** The picture, as PNG. */
  image: TaskOutput;
}

/**
 * Makes a picture from words with FLUX.1 dev and a LoRA.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class FluxLoraTask extends SchemaTask<FluxLoraOutput> {
  constructor({ workflow_id = '3', ...options }: FluxLoraTaskOptions) {
    super('FluxLoraTask', fluxLoraOptions, { ...options, workflow_id });
  }

  get task_type(): typeof WorkflowTaskType.FluxLora {
    return WorkflowTaskType.FluxLora;
  }

  override parseOutput(result: WorkflowTaskResult): FluxLoraOutput {
    return this.outputAs('image', result);
  }
}
