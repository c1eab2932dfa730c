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
 * The aspect ratios, as the ComfyUI node "CR SDXL Aspect Ratio" spells them, and with it apps of `heurist@0.0.43`: SDXL's training sizes,
 * about one megapixel, with sides that are multiples of 64.
 */
export const spelled = [
  '1:1 square 1024x1024',
  '3:4 portrait 896x1152',
  '5:8 portrait 832x1216',
  '9:16 portrait 768x1344',
  '9:21 portrait 640x1536',
  '4:3 landscape 1152x896',
  '3:2 landscape 1216x832',
  '16:9 landscape 1344x768',
  '21:9 landscape 1536x640',
];
export const ratioOf = (spelling: string): string => spelling.split(' ')[0]!;
/** Another spelling of a ratio. */
export const withX = (spelling: string): string => ratioOf(spelling).replace(':', 'x');

type Ratio = '1:1' | '3:4' | '5:8' | '9:16' | '9:21' | '4:3' | '3:2' | '16:9' | '21:9';
type AspectRatio = Ratio | 'custom' | (string & {});
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
  aspect_ratio: optional(oneSpelled([...spelled.map(ratioOf), 'custom'], [...spelled, ...spelled.map(withX)])),
  strength_model: optional(decimal({ min: -5, max: 5 })),
  noise_seed: seed().seed,
});

/** Options of an image with a LoRA. Options that contradict each other are refused. */
export const fluxLoraOptions = atFirstUse(() =>
  options(prompt(), fluxLora(), size(16, 2048), guidance(), steps(), seed()).check(
    rule(
      ({ seed, noise_seed }) => seed === undefined || noise_seed === undefined,
      'noise_seed',
      'is an alias of `seed`: pass one of them',
    ),
    rule(
      ({ aspect_ratio = 'custom', width, height }) => aspect_ratio === 'custom' || (width ?? height) === undefined,
      'aspect_ratio',
      'sets width and height: leave them out, or use "custom"',
    ),
  ),
);
