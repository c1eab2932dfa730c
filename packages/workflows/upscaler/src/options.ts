import { atFirstUse, image, oneOf, optional, options } from '@heurist/core/parameters';
import type * as z from 'zod/mini';

type ScaleShape = {
  /** Scale factor. Default 4. */
  scale: z.ZodMiniOptional<z.ZodMiniType<2 | 4, 2 | 4>>;
};
const scale = (): ScaleShape => ({ scale: optional(oneOf(2, 4)) });

/** Options of an upscale. The app checks them before the submit, and the network after it. */
export const upscalerOptions = atFirstUse(() => options(image(), scale()));
