import { FamilyTask, type TaskOutput, type WorkflowTaskOptions, type WorkflowTaskOutput } from '@heurist/core';
import type * as z from 'zod/mini';
import { kind } from './kind.ts';
import type { upscalerOptions } from './options.ts';

/** Options of {@link UpscalerTask}. */
export type UpscalerTaskOptions = WorkflowTaskOptions & z.input<ReturnType<typeof upscalerOptions>>;

/** Output of {@link UpscalerTask}. */
export interface UpscalerOutput extends WorkflowTaskOutput {
  /** The upscaled image, as PNG; transparency is kept. */
  image: TaskOutput;
}

/**
 * Upscales an image two or four times with a super-resolution model.
 *
 * @throws {HeuristError} `invalid_parameters` if `image_url` is not an http(s) URL, or `scale` is neither 2 nor 4
 */
export class UpscalerTask extends FamilyTask<UpscalerOutput> {
  static override readonly kind = kind;

  constructor(options: UpscalerTaskOptions) {
    super(options);
  }
}
