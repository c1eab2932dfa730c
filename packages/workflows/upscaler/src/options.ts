import { image, oneOf, options } from '@heurist/core/parameters';
import * as z from 'zod/mini';

type ScaleShape = {
  /** How many times as wide and as high. */
  scale: z.ZodMiniOptional<z.ZodMiniType<2 | 4, 2 | 4>>;
};
const scale: ScaleShape = { scale: z.optional(oneOf(2, 4)) };

/** Options of an upscale. Checked by the app before the submit, and by the network after it. */
export const upscalerOptions = options(image(), scale);
