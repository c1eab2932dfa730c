import { FamilyTask, type SeededOutput, type TaskOutput, type WorkflowTaskOptions } from '@heurist/core';
import type * as z from 'zod/mini';
import { kind } from './kind.ts';
import type { fluxLoraOptions } from './options.ts';

/** Options of {@link FluxLoraTask}. Set `workflow_id` if a network knows the graph by another id than `3`. */
export type FluxLoraTaskOptions = WorkflowTaskOptions & z.input<ReturnType<typeof fluxLoraOptions>>;

/** Output of {@link FluxLoraTask}. */
export interface FluxLoraOutput extends SeededOutput {
  /** The image, as PNG. */
  image: TaskOutput;
}

/**
 * Generates an image from a prompt, with FLUX.1 dev and a LoRA.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class FluxLoraTask extends FamilyTask<FluxLoraOutput> {
  static override readonly kind = kind;

  constructor(options: FluxLoraTaskOptions) {
    super(options);
  }
}
