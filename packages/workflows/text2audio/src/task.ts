import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { text2audioOptions } from './options.ts';

/** Options of music from words. */
export type Text2AudioTaskOptions = FamilyOptions<typeof text2audioOptions, 'ace-step'>;

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
export class Text2AudioTask extends SchemaTask<Text2AudioOutput> {
  constructor({ workflow_id = 'ace-step', ...options }: Text2AudioTaskOptions) {
    super('Text2AudioTask', pickSchema(text2audioOptions, workflow_id), { ...options, workflow_id });
  }

  get task_type(): typeof WorkflowTaskType.Text2Audio {
    return WorkflowTaskType.Text2Audio;
  }

  override parseOutput(result: WorkflowTaskResult): Text2AudioOutput {
    return this.outputAs('audio', result);
  }
}
