import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { text2imageOptions } from './options.ts';

const defaultId = 'sdxl';

export const kind: TaskKind = {
  name: 'Text2ImageTask',
  task_type: WorkflowTaskType.Text2Image,
  makes: 'image',
  options: text2imageOptions,
  defaultId,
  isNetworksChoice: true,
};

/**
 * Options of a picture from words. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type Text2ImageTaskOptions = FamilyOptions<typeof text2imageOptions, typeof defaultId>;

/** What a text to image task makes. */
export interface Text2ImageOutput extends SeededOutput {
  /** The picture, as PNG; with a `batch_size`, the first. */
  image: TaskOutput;
  /** All pictures. */
  images: TaskOutput[];
}

/**
 * Makes a picture from words.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class Text2ImageTask extends FamilyTask<Text2ImageOutput> {
  constructor(options: Text2ImageTaskOptions) {
    super(kind, options);
  }

  override parseOutput(result: WorkflowTaskResult): Text2ImageOutput {
    const output = super.parseOutput(result);
    return { ...output, images: output.outputs };
  }
}
