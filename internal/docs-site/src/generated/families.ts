import type { WorkflowFamily } from '@heurist/core/definition';
import { family as fluxLora } from '@heurist/flux-lora/definition';
import { family as image2image } from '@heurist/image2image/definition';
import { family as image2video } from '@heurist/image2video/definition';
import { family as inpaint } from '@heurist/inpaint/definition';
import { family as text2audio } from '@heurist/text2audio/definition';
import { family as text2image } from '@heurist/text2image/definition';
import { family as text2video } from '@heurist/text2video/definition';
import { family as upscaler } from '@heurist/upscaler/definition';

/** Every workflow package, in the order of pages. */
export const families: readonly WorkflowFamily[] = [
  text2image,
  image2image,
  inpaint,
  upscaler,
  fluxLora,
  text2video,
  image2video,
  text2audio,
].toSorted((a, b) => a.order - b.order);
