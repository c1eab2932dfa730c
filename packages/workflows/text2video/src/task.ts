import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import { text2videoOptions } from './options.ts';

const defaultId = '1';

export const kind: TaskKind = {
  name: 'Text2VideoTask',
  task_type: WorkflowTaskType.Text2Video,
  makes: 'video',
  options: text2videoOptions,
  defaultId,
};

/** Options of a video from words. `workflow_id` picks the model; default `1`, Hunyuan. */
export type Text2VideoTaskOptions = FamilyOptions<typeof text2videoOptions, typeof defaultId>;

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
export class Text2VideoTask extends FamilyTask<Text2VideoOutput> {
  constructor(options: Text2VideoTaskOptions) {
    super(kind, options);
  }
}
