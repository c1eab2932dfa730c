import {
  FamilyTask,
  type TaskKind,
  type TaskOutput,
  type WorkflowTaskOptions,
  type WorkflowTaskOutput,
  WorkflowTaskType,
} from '@heurist/core';
import type * as z from 'zod/mini';
import { upscalerOptions } from './options.ts';

const defaultId = 'upscaler';

export const kind: TaskKind = {
  name: 'UpscalerTask',
  task_type: WorkflowTaskType.Upscaler,
  makes: 'image',
  options: upscalerOptions,
  defaultId,
  isNetworksChoice: true,
};

/** Options of an upscale. */
export type UpscalerTaskOptions = WorkflowTaskOptions & z.input<typeof upscalerOptions>;

/** What an upscale makes. */
export interface UpscalerOutput extends WorkflowTaskOutput {
  /** The enlarged picture, as PNG; transparency is kept. */
  image: TaskOutput;
}

/**
 * Upscales a picture two or four times with a super-resolution network.
 *
 * @throws {HeuristError} `invalid_parameters` when `image_url` is no http(s) URL, or `scale` neither 2 nor 4
 */
export class UpscalerTask extends FamilyTask<UpscalerOutput> {
  constructor(options: UpscalerTaskOptions) {
    super(kind, options);
  }
}
