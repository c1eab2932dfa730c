import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
} from '@heurist/core';
import { type defaultId, kind } from './kind.ts';
import type { text2imageOptions } from './options.ts';

/**
 * Options of {@link Text2ImageTask}.
 *
 * `workflow_id` picks the graph. Without one, the options are those of `sdxl`, and the network picks: the first of its
 * graphs that takes them and that a connected miner runs. If there is none, the task waits for the first that takes them, with a
 * `warning`; a local network refuses it with `unservable`.
 */
export type Text2ImageTaskOptions = FamilyOptions<typeof text2imageOptions, typeof defaultId>;

/** Output of {@link Text2ImageTask}. */
export interface Text2ImageOutput extends SeededOutput {
  /** The image, as PNG; with a `batch_size`, the first one. */
  image: TaskOutput;
  /** All images. */
  images: TaskOutput[];
}

/**
 * Generates images from a prompt.
 *
 * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
 */
export class Text2ImageTask extends FamilyTask<Text2ImageOutput> {
  static override readonly kind = kind;

  constructor(options: Text2ImageTaskOptions) {
    super(options);
  }

  override parseOutput(result: WorkflowTaskResult): Text2ImageOutput {
    const output = super.parseOutput(result);
    return { ...output, images: output.outputs };
  }
}
