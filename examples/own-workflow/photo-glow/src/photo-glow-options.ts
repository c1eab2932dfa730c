import { decimal, image, optional, options, size, whole } from '@heurist/core/parameters';
import type * as z from 'zod/mini';

type OwnShape = {
  /** Value of `6.blur_radius` in the graph. */
  blur_radius: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
  /** Value of `6.sigma` in the graph. */
  sigma: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
  /** Value of `8.blend_factor` in the graph. */
  blend_factor: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
};
const own: OwnShape = {
  blur_radius: optional(whole({ min: 1, max: 31 })),
  sigma: optional(decimal({ min: 0.1, max: 10 })),
  blend_factor: optional(decimal({ min: 0, max: 1 })),
};

/** Options of the task. The graph has the defaults. */
export const photoGlowOptions = options(image(), size(1, 2048), own);
