import {
  type FamilyOptions,
  FamilyTask,
  type SeededOutput,
  type TaskKind,
  type TaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import { inpaintOptions } from './options.ts';

const defaultId = 'sdxl-inpaint';

export const kind: TaskKind = {
  name: 'InpaintTask',
  task_type: WorkflowTaskType.Inpaint,
  makes: 'image',
  options: inpaintOptions,
  defaultId,
  isNetworksChoice: true,
};

/**
 * Options of a picture repainted in part. `workflow_id` picks the model. Left out, the options are those of
 * `sdxl-inpaint`, and the network picks: its first model that takes them, on a local network the CPU's.
 */
export type InpaintTaskOptions = FamilyOptions<typeof inpaintOptions, typeof defaultId>;

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
export class InpaintTask extends FamilyTask<InpaintOutput> {
  constructor(options: InpaintTaskOptions) {
    super(kind, options);
  }
}
