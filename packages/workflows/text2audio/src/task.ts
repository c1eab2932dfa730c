import { type FamilyOptions, FamilyTask, type SeededOutput, type TaskOutput } from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { text2audioOptions } from './options.ts';

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
