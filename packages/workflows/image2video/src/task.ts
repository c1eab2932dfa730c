import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import { image2videoOptions } from './options.ts';

const defaultId = 'wan2.2-i2v-14b';

export const kind: TaskKind = {
  name: 'Image2VideoTask',
  task_type: WorkflowTaskType.Image2Video,
  makes: 'video',
  options: image2videoOptions,
  defaultId,
};

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
