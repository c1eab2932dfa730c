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
  /** LoRA file on the miner, with or without `.safetensors`. */
  lora_name: z.ZodMiniType<string, string>;
  /** Aspect ratio at about one megapixel. Without one, or with `custom`, `width` and `height` apply. */
  aspect_ratio: z.ZodMiniOptional<z.ZodMiniType<AspectRatio, AspectRatio>>;
  /** Strength of the LoRA. */
  strength_model: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
  /** Alias of `seed`: the name of the node's input. */
  noise_seed: SeedShape['seed'];
};
const fluxLora: FluxLoraShape = {
  lora_name: text('the name of a LoRA').check(z.minLength(1, { error: 'must not be empty: name a LoRA' })),
  aspect_ratio: z.optional(
    oneOf<AspectRatio>('1:1', '3:4', '5:8', '9:16', '9:21', '4:3', '3:2', '16:9', '21:9', 'custom'),
  ),
  strength_model: z.optional(decimal({ min: -5, max: 5 })),
  noise_seed: seed().seed,
};

/** Options of an image with a LoRA. Options that contradict each other are refused. */
export const fluxLoraOptions = options(prompt(), fluxLora, size(16, 2048), guidance(), steps(), seed()).check(
  z.refine(({ seed, noise_seed }) => seed === undefined || noise_seed === undefined, {
    error: 'is an alias of `seed`: pass only one of them',
    path: ['noise_seed'],
  }),
  z.refine(
    ({ aspect_ratio = 'custom', width, height }) =>
      aspect_ratio === 'custom' || (width === undefined && height === undefined),
    { error: 'already sets width and height: leave them out, or use "custom"', path: ['aspect_ratio'] },
  ),
);
