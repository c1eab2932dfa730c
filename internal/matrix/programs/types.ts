// Every public entry that apps import, for its types: compiled by each TypeScript, with the declarations checked too.
import {
  type FileSource,
  Heurist,
  HeuristError,
  type HeuristOptions,
  type SessionOptions,
  TaskTimeoutError,
  type WaitOptions,
  WorkflowTask,
  type WorkflowTaskResult,
} from '@heurist/core';
import { bind, defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import { size } from '@heurist/core/parameters';
import { errorCodes, taskCreateSchema } from '@heurist/core/protocol';
import { verifyWebhook } from '@heurist/core/webhooks';
import { FluxLoraTask } from '@heurist/flux-lora';
import { Image2ImageTask } from '@heurist/image2image';
import { Image2VideoTask } from '@heurist/image2video';
import { InpaintTask } from '@heurist/inpaint';
import { createHandler, type Handler } from '@heurist/server';
import { Text2AudioTask } from '@heurist/text2audio';
import { Text2ImageTask, type Text2ImageTaskOptions } from '@heurist/text2image';
import { definitions } from '@heurist/text2image/definition';
import { Text2VideoTask } from '@heurist/text2video';
import { UpscalerTask } from '@heurist/upscaler';
import DropIn, { type WorkflowTaskResult as DropInResult, UpscalerTask as DropInTask } from 'heurist';
import { APIResource } from 'heurist/resource';
import { Workflow } from 'heurist/workflow';

const prompt = 'x';
const image_url = 'https://example.com/x.png';

export const tasks = [
  new Text2ImageTask({ prompt, width: 512, cfg: 5 }),
  new Text2ImageTask({ workflow_id: 'flux-dev', prompt, guidance: 3, timeout_seconds: 9 }),
  // @ts-expect-error cfg is no option of this graph
  () => new Text2ImageTask({ workflow_id: 'flux-dev', prompt, cfg: 3 }),
  // @ts-expect-error guidance is no option of the default graph
  () => new Text2ImageTask({ prompt, guidance: 3 }),
  new Image2ImageTask({ prompt, image_url, denoise: 0.5 }),
  new InpaintTask({ prompt, image_url, mask_url: image_url, mask_channel: 'alpha' }),
  new FluxLoraTask({ prompt, lora_name: 'a', aspect_ratio: '16:9' }),
  new Text2VideoTask({ prompt, length: 9 }),
  new Text2VideoTask({ workflow_id: '2', prompt, quality: 9 }),
  // @ts-expect-error the default graph makes an MP4
  () => new Text2VideoTask({ prompt, quality: 9 }),
  new Image2VideoTask({ workflow_id: 'svd', image_url }),
  new Text2AudioTask({ tags: 'piano' }),
  new UpscalerTask({ image_url, timeout_seconds: 5 }),
  // @ts-expect-error image_url is required
  () => new UpscalerTask({}),
];

/** Any option may be passed on as it is, also if it is not set. */
export function configure(
  options: HeuristOptions,
  waits: WaitOptions,
  seed: number | undefined,
): [Heurist, WaitOptions, Text2ImageTaskOptions] {
  const { apiKey, workflowURL, allowInsecureHttp, auth } = options;
  const { timeout, interval, signal, onProgress, onAbort } = waits;
  return [
    new Heurist({ apiKey, workflowURL, allowInsecureHttp, auth }),
    { timeout, interval, signal, onProgress, onAbort },
    { prompt, seed, width: undefined, workflow_id: undefined, timeout_seconds: undefined },
  ];
}

export async function outputs(heurist: Heurist, file: FileSource): Promise<(string | number | undefined)[]> {
  const { image, images, seed } = await heurist.workflow.run(new Text2ImageTask({ prompt, seed: undefined }));
  const { video } = await heurist.workflow.run(new Text2VideoTask({ prompt }), { signal: undefined });
  const { audio } = await heurist.workflow.run(new Text2AudioTask({ tags: 'piano' }));
  const chosen: number | undefined = seed;
  const width: number | undefined = image.width;
  // @ts-expect-error no such output
  image.nope;
  const uploaded: string = await heurist.workflow.uploadFile(file, { timeout: undefined });
  return [image.url, ...images.map(({ url }) => url), video.url, audio.url, chosen, width, uploaded];
}

export async function wait(heurist: Heurist, task_id: string): Promise<WorkflowTaskResult | string> {
  try {
    return await heurist.workflow.task(task_id).wait({ timeout: 1000 });
  } catch (error) {
    if (TaskTimeoutError.isInstance(error)) return error.task_id ?? '';
    return HeuristError.isInstance(error) ? error.code : '';
  }
}

export const session: SessionOptions = { task_types: ['upscaler'], max_tasks: undefined, user_id: undefined };
export const handler: Handler = createHandler({
  authorize: ({ headers }) => (headers.has('cookie') ? { user_id: 'ada', task_types: ['upscaler'] } : undefined),
  apiKey: undefined,
  limits: { jsonBytes: 1000, streams: undefined },
});

export class OwnTask extends WorkflowTask {
  get task_type(): string {
    return 'own';
  }
  get task_details(): { parameters: Record<string, unknown> } {
    return { parameters: {} };
  }
}

export async function dropIn(): Promise<DropInResult> {
  const heurist = new DropIn({ apiKey: 'acme#key' });
  const task = new DropInTask({ image_url, timeout_seconds: 300 });
  return await heurist.workflow.executeWorkflowAndWaitForResult(task, 60_000, 1000);
}

export const first: WorkflowDefinition | undefined = definitions[0];
export const known: unknown[] = [
  APIResource,
  Workflow,
  bind,
  defineWorkflow,
  errorCodes.unauthorized,
  size,
  taskCreateSchema,
  verifyWebhook,
];
