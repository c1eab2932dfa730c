import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { text2imageOptions } from './options.ts';

/**
 * Options of a picture from words. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type Text2ImageTaskOptions = FamilyOptions<typeof text2imageOptions, 'sdxl'>;

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
export class Text2ImageTask extends SchemaTask<Text2ImageOutput> {
  constructor(options: Text2ImageTaskOptions) {
    super('Text2ImageTask', pickSchema(text2imageOptions, options.workflow_id ?? 'sdxl'), options);
  }

  get task_type(): typeof WorkflowTaskType.Text2Image {
    return WorkflowTaskType.Text2Image;
  }

  override parseOutput(result: WorkflowTaskResult): Text2ImageOutput {
    const output = this.outputAs('image', result);
    return { ...output, images: output.outputs };
  }
}
