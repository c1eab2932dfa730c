import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { inpaintOptions } from './options.ts';

/**
 * Options of a picture repainted in part. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl-inpaint`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type InpaintTaskOptions = FamilyOptions<typeof inpaintOptions, 'sdxl-inpaint'>;

/** What an inpaint task makes. */
export interface InpaintOutput extends SeededOutput {
  /** The picture, as PNG, with sides cut to multiples of 8. */
  image: TaskOutput;
}

/**
 * Repaints the part of a picture that a mask shows.
 *
 * @throws {HeuristError} `invalid_parameters` that names the option and the mend
 */
export class InpaintTask extends SchemaTask<InpaintOutput> {
  constructor(options: InpaintTaskOptions) {
    super('InpaintTask', pickSchema(inpaintOptions, options.workflow_id ?? 'sdxl-inpaint'), options);
  }

  get task_type(): typeof WorkflowTaskType.Inpaint {
    return WorkflowTaskType.Inpaint;
  }

  override parseOutput(result: WorkflowTaskResult): InpaintOutput {
    return this.outputAs('image', result);
  }
}
