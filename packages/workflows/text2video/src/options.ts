import {
  cfg,
  fps,
  guidance,
  length,
  negativePrompt,
  optional,
  options,
  perGraph,
  prompt,
  seed,
  size,
  steps,
  whole,
} from '@heurist/core/parameters';
import type * as z from 'zod/mini';

type QualityShape = {
  /** Quality of the WebP file. */
  quality: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
};
const quality = (): QualityShape => ({ quality: optional(whole({ min: 0, max: 100 })) });

/** After the first frame, Wan and Hunyuan work in groups of four frames, LTX in eights, Mochi in sixes. */
const fours = () => length({ min: 1, max: 257, step: 4, offset: 1 });
const eights = () => length({ min: 1, max: 257, step: 8, offset: 1 });
const sixes = () => length({ min: 7, max: 163, step: 6, offset: 1 });
const classic = () => [prompt(), negativePrompt(), fps(), cfg(), seed()] as const;

/** Workflow id -> schema of its options. */
export const text2videoOptions = perGraph({
  /** Hunyuan: the id comes from the reference network. */
  1: () => options(prompt(), size(16, 1280), fours(), fps(), steps(), guidance(), seed()),
  /** Mochi: the same. */
  2: () => options(...classic(), size(16, 1280), sixes(), steps(), quality()),
  'wan2.1-t2v-1.3b': () => options(...classic(), size(16, 1280), fours(), steps()),
  // each of its two models does half of the steps
  'wan2.2-t2v-14b': () => options(...classic(), size(16, 1280), fours(), steps({ min: 2, step: 2 })),
  'wan2.2-t2v-5b': () => options(...classic(), size(32, 1280), fours(), steps()),
  'ltxv-t2v': () => options(...classic(), size(32, 1280), eights(), steps()),
});
