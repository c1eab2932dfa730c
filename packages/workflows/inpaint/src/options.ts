import {
  cfg,
  denoise,
  image,
  mask,
  negativePrompt,
  oneOf,
  optional,
  options,
  perGraph,
  prompt,
  seed,
  steps,
} from '@heurist/core/parameters';
import type * as z from 'zod/mini';

type MaskChannelShape = {
  /** Channel of the mask to use. `alpha` repaints the transparent area, as erased in an image editor. */
  mask_channel: z.ZodMiniOptional<z.ZodMiniType<MaskChannel, MaskChannel>>;
};
type MaskChannel = 'red' | 'green' | 'blue' | 'alpha';
const maskChannel = (): MaskChannelShape => ({ mask_channel: optional(oneOf('red', 'green', 'blue', 'alpha')) });

const graphOptions = () =>
  options(prompt(), image(), mask(), maskChannel(), negativePrompt(), steps(), cfg(), denoise(), seed());

/** Workflow id -> schema of its options. */
export const inpaintOptions = perGraph({
  'sdxl-inpaint': graphOptions,
  'sd15-inpaint': graphOptions,
  'tiny-inpaint': graphOptions,
});
