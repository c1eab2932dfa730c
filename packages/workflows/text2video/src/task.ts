import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { text2videoOptions } from './options.ts';

/** Options of a video from words. `workflow_id` picks the model; default `1`, Hunyuan. */
export type Text2VideoTaskOptions = FamilyOptions<typeof text2videoOptions, '1'>;

/** What a text to video task makes. */
export interface Text2VideoOutput extends SeededOutput {
  /** The video: MP4, from Mochi an animated WebP. */
  video: TaskOutput;
}

/**
 * Makes a video from words.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class Text2VideoTask extends SchemaTask<Text2VideoOutput> {
  constructor({ workflow_id = '1', ...options }: Text2VideoTaskOptions) {
    super('Text2VideoTask', pickSchema(text2videoOptions, workflow_id), { ...options, workflow_id });
  }

  get task_type(): typeof WorkflowTaskType.Text2Video {
    return WorkflowTaskType.Text2Video;
  }

  override parseOutput(result: WorkflowTaskResult): Text2VideoOutput {
    return this.outputAs('video', result);
  }
}
