import {
  decimal,
  guidance,
  oneOf,
  options,
  prompt,
  type SeedShape,
  seed,
  size,
  steps,
  text,
} from '@heurist/core/parameters';
import * as z from 'zod/mini';

type AspectRatio = '1:1' | '3:4' | '5:8' | '9:16' | '9:21' | '4:3' | '3:2' | '16:9' | '21:9' | 'custom';
type FluxLoraShape = {
  /** LoRA file on the server, with or without `.safetensors`. */
  lora_name: z.ZodMiniType<string, string>;
  /** Shape of the picture, at about a megapixel. `custom`, and leaving it out: `width` and `height` count. */
  aspect_ratio: z.ZodMiniOptional<z.ZodMiniType<AspectRatio, AspectRatio>>;
  /** How strongly the LoRA acts. */
  strength_model: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
  /** The same as `seed`, by the name that the node has. */
  noise_seed: SeedShape['seed'];
};
const fluxLora: FluxLoraShape = {
  lora_name: text('the name of a LoRA').check(z.minLength(1, { error: 'must name a LoRA' })),
  aspect_ratio: z.optional(
    oneOf<AspectRatio>('1:1', '3:4', '5:8', '9:16', '9:21', '4:3', '3:2', '16:9', '21:9', 'custom'),
  ),
  strength_model: z.optional(decimal({ min: -5, max: 5 })),
  noise_seed: seed().seed,
};

/** Options of a picture in the style of a LoRA. Two that would contradict each other are refused. */
export const fluxLoraOptions = options(prompt(), fluxLora, size(16, 2048), guidance(), steps(), seed()).check(
  z.refine(({ seed, noise_seed }) => seed === undefined || noise_seed === undefined, {
    error: 'is the same as seed: give one of them',
    path: ['noise_seed'],
  }),
  z.refine(
    ({ aspect_ratio = 'custom', width, height }) =>
      aspect_ratio === 'custom' || (width === undefined && height === undefined),
    { error: 'says width and height already: leave them out, or make it "custom"', path: ['aspect_ratio'] },
  ),
);
