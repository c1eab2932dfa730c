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

/** Options of {@link Text2AudioTask}. */
export type Text2AudioTaskOptions = FamilyOptions<typeof text2audioOptions, typeof defaultId>;

/** Output of {@link Text2AudioTask}. */
export interface Text2AudioOutput extends SeededOutput {
  /** The music, as MP3. */
  audio: TaskOutput;
}

/**
 * Generates music from tags and lyrics.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class Text2AudioTask extends FamilyTask<Text2AudioOutput> {
  static override readonly kind = kind;

  constructor(options: Text2AudioTaskOptions) {
    super(options);
  }
}
