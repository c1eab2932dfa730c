import { type FamilyOptions, FamilyTask, type SeededOutput, type TaskOutput } from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { inpaintOptions } from './options.ts';

/**
 * Options of {@link InpaintTask}.
 *
 * `workflow_id` picks the graph. Without one, the options are those of `sdxl-inpaint`, and the network picks: the first of its
 * graphs that takes them and that a connected miner runs. If there is none, the task waits for the first that takes them, with a
 * `warning`; a local network refuses it with `unservable`.
 */
export type InpaintTaskOptions = FamilyOptions<typeof inpaintOptions, typeof defaultId>;

/** Output of {@link InpaintTask}. */
export interface InpaintOutput extends SeededOutput {
  /** The image, as PNG, cropped to sides that are multiples of 8. */
  image: TaskOutput;
}

/**
 * Repaints the part of an image that a mask selects.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class InpaintTask extends FamilyTask<InpaintOutput> {
  static override readonly kind = kind;

  constructor(options: InpaintTaskOptions) {
    super(options);
  }
}
