import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { image2imageOptions } from './options.ts';

/**
 * Options of a picture remade after words. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl-img2img`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type Image2ImageTaskOptions = FamilyOptions<typeof image2imageOptions, 'sdxl-img2img'>;

/** What an image to image task makes. */
export interface Image2ImageOutput extends SeededOutput {
  /** The picture, as PNG. */
  image: TaskOutput;
}

/**
 * Remakes a picture after words.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class Image2ImageTask extends SchemaTask<Image2ImageOutput> {
  constructor(options: Image2ImageTaskOptions) {
    super('Image2ImageTask', pickSchema(image2imageOptions, options.workflow_id ?? 'sdxl-img2img'), options);
  }

  get task_type(): typeof WorkflowTaskType.Image2Image {
    return WorkflowTaskType.Image2Image;
  }

  override parseOutput(result: WorkflowTaskResult): Image2ImageOutput {
    return this.outputAs('image', result);
  }
}
