import {
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  type WorkflowTaskOptions,
  WorkflowTaskType,
} from '@heurist/core';
import type * as z from 'zod/mini';
import { fluxLoraOptions } from './options.ts';

const defaultId = '3';

export const kind: TaskKind = {
  name: 'FluxLoraTask',
  task_type: WorkflowTaskType.FluxLora,
  makes: 'image',
  options: fluxLoraOptions,
  defaultId,
};

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
export class FluxLoraTask extends FamilyTask<FluxLoraOutput> {
  constructor(options: FluxLoraTaskOptions) {
    super(kind, options);
  }
}
