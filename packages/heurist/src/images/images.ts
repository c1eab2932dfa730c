import { Text2ImageTask, type Text2ImageTaskOptions } from '@heurist/text2image';
import { APIResource, type Client } from '../resource.ts';
import { warnOnce } from '../warn-once.ts';
import { workflowOf } from './models.ts';

/** Name of an image model. */
export type ImageModel = string;

/** What `images.generate` takes. */
export interface ImageGenerateParams {
  /** Model to use: a name of {@link imageModels}, or of `models` of the client. Others go to the network's default graph, with a warning. */
  model: ImageModel;
  /** What the picture shows. Default: whatever the model draws without being told. */
  prompt?: string;
  /** What it must not show. Models without negative prompts, such as FLUX, ignore it. */
  neg_prompt?: string;
  /** Steps of the sampler. Default: the graph's. */
  num_iterations?: number;
  /** How closely the picture follows the prompt. Default: the graph's. */
  guidance_scale?: number;
  /** Pixels. Default: the graph's. */
  width?: number;
  /** Pixels. Default: the graph's. */
  height?: number;
  /** The same seed gives the same picture. Default, and for -1: a random one. */
  seed?: number;
  /** Prefix of the job id, to find your tasks in logs. Default `sdk-image`. */
  job_id_prefix?: string;
}

/** A picture, and what it was made with. */
export interface Image extends ImageGenerateParams {
  /** Where it can be fetched, for 24 hours. */
  url: string;
}

/** What `images.generate` resolves with, by its name in `heurist@0.0.43`. */
export type ImagesResponse = Image;

/** Makes pictures from prompts. */
export class Images extends APIResource {
  readonly #models: Readonly<Record<string, string>>;

  constructor(client: Client, models: Readonly<Record<string, string>> = {}) {
    super(client);
    this.#models = models;
  }

  /**
   * Makes one picture.
   *
   * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
   * @throws {TaskFailedError | TaskCanceledError | TaskTimeoutError}
   */
  async generate(body: ImageGenerateParams): Promise<ImagesResponse> {
    const { job_id_prefix, ...given } = body;
    const workflow_id = workflowOf(body.model, this.#models);
    if (!workflow_id)
      warnOnce(
        `image model "${body.model}" is not known, so the network's default graph draws instead. Name its graph: new Heurist({ models: { "${body.model}": "sdxl" } }).`,
      );
    const task = new Text2ImageTask({ ...optionsOf(body, workflow_id), job_id_prefix: job_id_prefix ?? 'sdk-image' });
    const { image, seed } = await this._client.workflow.run(task);
    return { url: image.url, ...given, ...(seed !== undefined && { seed }) };
  }
}

/** Their names, in the words of the graph. */
function optionsOf(body: ImageGenerateParams, workflow_id: string | undefined): Text2ImageTaskOptions {
  const { prompt, neg_prompt, num_iterations: steps, guidance_scale, width, height, seed } = body;
  const isDistilled = workflow_id === 'flux-dev';
  const options = {
    workflow_id,
    // it was optional, and graphs want a text
    prompt: prompt || ' ',
    width: width || undefined,
    height: height || undefined,
    steps: steps || undefined,
    seed: seed === undefined || seed < 0 ? undefined : seed % Number.MAX_SAFE_INTEGER,
    ...(isDistilled
      ? { guidance: guidance_scale || undefined }
      : { cfg: guidance_scale || undefined, negative_prompt: neg_prompt || undefined }),
  };
  return options as Text2ImageTaskOptions;
}
