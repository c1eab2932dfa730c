import {
  checkParameters,
  HeuristError,
  type TaskOutput,
  WorkflowTask,
  type WorkflowTaskOptions,
  type WorkflowTaskOutput,
  type WorkflowTaskResult,
  WorkflowTaskType,
} from '@heurist/core';
import { type UpscalerParameters, upscalerParametersSchema } from './upscaler-parameters.ts';

/** Options of an upscale. */
export interface UpscalerTaskOptions extends WorkflowTaskOptions {
  /** http(s) URL of a PNG, JPEG or WebP. For a local file: `await heurist.workflow.uploadFile(path)`. */
  image_url: string;
}

/** What an upscale makes. */
export interface UpscalerOutput extends WorkflowTaskOutput {
  /** The picture, four times as wide and as high, as PNG; transparency is kept. */
  image: TaskOutput;
}

/**
 * Upscales a picture four times with a super-resolution network.
 *
 * @throws {HeuristError} `invalid_parameters` when `image_url` is no http(s) URL
 */
export class UpscalerTask extends WorkflowTask<UpscalerOutput> {
  readonly image_url: string;

  constructor(options: UpscalerTaskOptions) {
    super(options);
    this.image_url = options.image_url;
    checkParameters('UpscalerTask', upscalerParametersSchema, this.task_details.parameters);
  }

  get task_type(): typeof WorkflowTaskType.Upscaler {
    return WorkflowTaskType.Upscaler;
  }

  get task_details(): { parameters: UpscalerParameters } {
    return { parameters: { image: this.image_url } };
  }

  override parseOutput(result: WorkflowTaskResult): UpscalerOutput {
    const output = super.parseOutput(result);
    const [image] = output.outputs;
    if (!image)
      throw new HeuristError(`Task ${output.task_id} finished without a picture.`, {
        code: 'invalid_reply',
        task_id: output.task_id,
      });
    return { ...output, image };
  }
}
