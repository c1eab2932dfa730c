import {
  cfg,
  fps,
  image,
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

type MotionShape = {
  /** Amount of motion. */
  motion_bucket_id: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
};
const motion = (): MotionShape => ({ motion_bucket_id: optional(whole({ min: 1, max: 1023 })) });

/** After the first frame, Wan works in groups of four frames, LTX in eights. */
const fours = () => length({ min: 1, max: 257, step: 4, offset: 1 });
const eights = () => length({ min: 9, max: 257, step: 8, offset: 1 });
const classic = () => [prompt(), image(), negativePrompt(), fps(), cfg(), seed()] as const;

/** Workflow id -> schema of its options. */
export const image2videoOptions = perGraph({
  // each of its two models does half of the steps
  'wan2.2-i2v-14b': () => options(...classic(), size(16, 1280), fours(), steps({ min: 2, step: 2 })),
  // distilled to four steps and a cfg of 1, so a negative prompt would have no effect
  'wan2.2-i2v-14b-4step': () => options(prompt(), image(), size(16, 1280), fours(), fps(), seed()),
  'wan2.2-i2v-5b': () => options(...classic(), size(32, 1280), fours(), steps()),
  'wan2.1-i2v-14b': () => options(...classic(), size(16, 1280), fours(), steps()),
  'ltxv-i2v': () => options(...classic(), size(32, 1280), eights(), steps()),
  svd: () => options(image(), size(8, 1024), length({ min: 1, max: 25 }), motion(), fps(), steps(), cfg(), seed()),
});
