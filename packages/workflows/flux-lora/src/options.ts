import {
  atFirstUse,
  decimal,
  guidance,
  oneSpelled,
  optional,
  options,
  prompt,
  rule,
  type SeedShape,
  seed,
  size,
  steps,
  text,
} from '@heurist/core/parameters';
import type * as z from 'zod/mini';

/**
 * Aspect ratio -> the other spellings that are taken: those of the ComfyUI node "CR SDXL Aspect Ratio", which apps of
 * `heurist@0.0.43` send.
 */
export const spellings = {
  '1:1': ['1:1 square 1024x1024', '1x1'],
  '3:4': ['3:4 portrait 896x1152', '3x4'],
  '5:8': ['5:8 portrait 832x1216', '5x8'],
  '9:16': ['9:16 portrait 768x1344', '9x16'],
  '9:21': ['9:21 portrait 640x1536', '9x21'],
  '4:3': ['4:3 landscape 1152x896', '4x3'],
  '3:2': ['3:2 landscape 1216x832', '3x2'],
  '16:9': ['16:9 landscape 1344x768', '16x9'],
  '21:9': ['21:9 landscape 1536x640', '21x9'],
  custom: [],
};

type AspectRatio = keyof typeof spellings | (string & {});
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
const fluxLora = (): FluxLoraShape => ({
  lora_name: text('the name of a LoRA', 'name a LoRA'),
  aspect_ratio: optional(oneSpelled(spellings)),
  strength_model: optional(decimal({ min: -5, max: 5 })),
  noise_seed: seed().seed,
});

/** Options of an image with a LoRA. Options that contradict each other are refused. */
export const fluxLoraOptions = atFirstUse(() =>
  options(prompt(), fluxLora(), size(16, 2048), guidance(), steps(), seed()).check(
    rule(
      ({ seed, noise_seed }) => seed === undefined || noise_seed === undefined,
      'noise_seed',
      'is an alias of `seed`: pass only one of them',
    ),
    rule(
      ({ aspect_ratio = 'custom', width, height }) =>
        aspect_ratio === 'custom' || (width === undefined && height === undefined),
      'aspect_ratio',
      'already sets width and height: leave them out, or use "custom"',
    ),
  ),
);
