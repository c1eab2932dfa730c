import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { image2videoOptions } from './options.ts';

/** Options of a video from a picture. `workflow_id` picks the model; default `wan2.2-i2v-14b`. */
export type Image2VideoTaskOptions = FamilyOptions<typeof image2videoOptions, 'wan2.2-i2v-14b'>;

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
export class Image2VideoTask extends SchemaTask<Image2VideoOutput> {
  constructor({ workflow_id = 'wan2.2-i2v-14b', ...options }: Image2VideoTaskOptions) {
    super('Image2VideoTask', pickSchema(image2videoOptions, workflow_id), { ...options, workflow_id });
  }

  get task_type(): typeof WorkflowTaskType.Image2Video {
    return WorkflowTaskType.Image2Video;
  }

  override parseOutput(result: WorkflowTaskResult): Image2VideoOutput {
    return this.outputAs('video', result);
  }
}
