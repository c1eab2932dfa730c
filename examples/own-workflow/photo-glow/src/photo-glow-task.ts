import {
  SchemaTask,
  type TaskOutput,
  type WorkflowTaskOptions,
  type WorkflowTaskOutput,
  type WorkflowTaskResult,
} from '@heurist/core';
import type * as z from 'zod/mini';
import { photoGlowOptions } from './photo-glow-options.ts';

/** Options of the task. */
export type PhotoGlowTaskOptions = WorkflowTaskOptions & z.input<typeof photoGlowOptions>;

/** Output of the task. */
export interface PhotoGlowOutput extends WorkflowTaskOutput {
  image: TaskOutput;
}

/**
 * A task of the workflow `photo-glow`.
 *
 * @throws {HeuristError} `invalid_parameters`; names the invalid option and how to fix it
 */
export class PhotoGlowTask extends SchemaTask<PhotoGlowOutput> {
  constructor({ workflow_id = 'photo-glow', ...options }: PhotoGlowTaskOptions) {
    super('PhotoGlowTask', photoGlowOptions, { ...options, workflow_id });
  }

  get task_type(): string {
    return 'photo-glow';
  }

  override parseOutput(result: WorkflowTaskResult): PhotoGlowOutput {
    return this.outputAs('image', result);
  }
}
