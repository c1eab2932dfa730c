import { type FamilyOptions, FamilyTask, type SeededOutput, type TaskOutput } from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { image2videoOptions } from './options.ts';

/** Options of {@link Image2VideoTask}. `workflow_id` picks the graph; default `wan2.2-i2v-14b`. */
export type Image2VideoTaskOptions = FamilyOptions<typeof image2videoOptions, typeof defaultId>;

/** Output of {@link Image2VideoTask}. */
export interface Image2VideoOutput extends SeededOutput {
  /** The video, as MP4; from Stable Video Diffusion (`svd`), as animated WebP. */
  video: TaskOutput;
}

/**
 * Generates a video that starts from an image.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class Image2VideoTask extends FamilyTask<Image2VideoOutput> {
  static override readonly kind = kind;

  constructor(options: Image2VideoTaskOptions) {
    super(options);
  }
}
