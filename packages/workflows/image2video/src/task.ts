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

/** Options of a video from a picture. `workflow_id` picks the model; default `wan2.2-i2v-14b`. */
export type Image2VideoTaskOptions = FamilyOptions<typeof image2videoOptions, typeof defaultId>;

/** What an image to video task makes. */
export interface Image2VideoOutput extends SeededOutput {
  /** The video: MP4, from Stable Video Diffusion (`svd`) an animated WebP. */
  video: TaskOutput;
}

/**
 * Makes a picture move.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class Image2VideoTask extends FamilyTask<Image2VideoOutput> {
  constructor(options: Image2VideoTaskOptions) {
    super(kind, options);
  }
}
