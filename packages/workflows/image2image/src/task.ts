import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import { image2imageOptions } from './options.ts';

const defaultId = 'sdxl-img2img';

export const kind: TaskKind = {
  name: 'Image2ImageTask',
  task_type: WorkflowTaskType.Image2Image,
  makes: 'image',
  options: image2imageOptions,
  defaultId,
  isNetworksChoice: true,
};

/**
 * Options of a picture remade after words. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl-img2img`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type Image2ImageTaskOptions = FamilyOptions<typeof image2imageOptions, typeof defaultId>;

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
export class Image2ImageTask extends FamilyTask<Image2ImageOutput> {
  constructor(options: Image2ImageTaskOptions) {
    super(kind, options);
  }
}
