import {
  type FamilyOptions,
  pickSchema,
  SchemaTask,
  type SeededOutput,
  type TaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { inpaintOptions } from './inpaint-options.ts';

/** Options of a picture repainted in part. `workflow_id` picks the model; default `sdxl-inpaint`. */
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
  constructor({ workflow_id = 'sdxl-inpaint', ...options }: InpaintTaskOptions) {
    super('InpaintTask', pickSchema(inpaintOptions, workflow_id), { ...options, workflow_id });
  }

  get task_type(): typeof WorkflowTaskType.Inpaint {
    return WorkflowTaskType.Inpaint;
  }

  override parseOutput(result: WorkflowTaskResult): InpaintOutput {
    return this.outputAs('image', result);
  }
}
