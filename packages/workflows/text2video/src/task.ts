import { type FamilyOptions, FamilyTask, type SeededOutput, type TaskOutput } from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { text2videoOptions } from './options.ts';

/** Options of {@link Text2VideoTask}. `workflow_id` picks the graph; default `1` (Hunyuan). */
export type Text2VideoTaskOptions = FamilyOptions<typeof text2videoOptions, typeof defaultId>;

/** Output of {@link Text2VideoTask}. */
export interface Text2VideoOutput extends SeededOutput {
  /** The video, as MP4; from Mochi, as animated WebP. */
  video: TaskOutput;
}

/**
 * Generates a video from a prompt.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class Text2VideoTask extends FamilyTask<Text2VideoOutput> {
  static override readonly kind = kind;

  constructor(options: Text2VideoTaskOptions) {
    super(options);
  }
}
