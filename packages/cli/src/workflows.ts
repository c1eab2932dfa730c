import type { WorkflowDefinition } from '@heurist/core/definition';
import { definitions as fluxLora } from '@heurist/flux-lora/definition';
import { definitions as image2image } from '@heurist/image2image/definition';
import { definitions as image2video } from '@heurist/image2video/definition';
import { definitions as inpaint } from '@heurist/inpaint/definition';
import { definitions as text2audio } from '@heurist/text2audio/definition';
import { definitions as text2image } from '@heurist/text2image/definition';
import { definitions as text2video } from '@heurist/text2video/definition';
import { definitions as upscaler } from '@heurist/upscaler/definition';

/** Every workflow that comes with the command. Of a task type, the first is the default. */
export const workflows: readonly WorkflowDefinition[] = [
  ...upscaler,
  ...text2image,
  ...image2image,
  ...inpaint,
  ...fluxLora,
  ...text2video,
  ...image2video,
  ...text2audio,
];
