import { type FamilyOptions, FamilyTask, type SeededOutput, type TaskOutput } from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { image2imageOptions } from './options.ts';

/**
 * Options of {@link Image2ImageTask}.
 *
 * `workflow_id` picks the graph. Without one, the options are those of `sdxl-img2img`, and the network picks: the first of its
 * graphs that takes them and that a connected miner runs. If there is none, the task waits for the first that takes them, with a
 * `warning`; a local network refuses it with `unservable`.
 */
export type Image2ImageTaskOptions = FamilyOptions<typeof image2imageOptions, typeof defaultId>;

/** Output of {@link Image2ImageTask}. */
export interface Image2ImageOutput extends SeededOutput {
  /** The image, as PNG. */
  image: TaskOutput;
}

/**
 * Transforms an image according to a prompt.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class Image2ImageTask extends FamilyTask<Image2ImageOutput> {
  static override readonly kind = kind;

  constructor(options: Image2ImageTaskOptions) {
    super(options);
  }
}
