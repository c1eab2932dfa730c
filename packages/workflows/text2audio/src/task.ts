import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import { text2audioOptions } from './options.ts';

const defaultId = 'ace-step';

export const kind: TaskKind = {
  name: 'Text2AudioTask',
  task_type: WorkflowTaskType.Text2Audio,
  makes: 'audio',
  options: text2audioOptions,
  defaultId,
};

/** Options of music from words. */
export type Text2AudioTaskOptions = FamilyOptions<typeof text2audioOptions, typeof defaultId>;

/** What a text to audio task makes. */
export interface Text2AudioOutput extends SeededOutput {
  /** The music, as MP3. */
  audio: TaskOutput;
}

/**
 * Makes music from words.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class Text2AudioTask extends FamilyTask<Text2AudioOutput> {
  constructor(options: Text2AudioTaskOptions) {
    super(kind, options);
  }
}
