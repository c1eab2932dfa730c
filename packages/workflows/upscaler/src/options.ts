import { image, oneOf, options } from '@heurist/core/parameters';
import * as z from 'zod/mini';

type ScaleShape = {
  /** Scale factor. Default 4. */
  scale: z.ZodMiniOptional<z.ZodMiniType<2 | 4, 2 | 4>>;
};
const scale: ScaleShape = { scale: z.optional(oneOf(2, 4)) };

/** Options of an upscale. The app checks them before the submit, and the network after it. */
export const upscalerOptions = options(image(), scale);
