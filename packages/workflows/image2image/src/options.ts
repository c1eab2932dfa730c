import {
  cfg,
  denoise,
  fixedSize,
  image,
  negativePrompt,
  options,
  perGraph,
  prompt,
  seed,
  size,
  steps,
} from '@heurist/core/parameters';

/** Workflow id -> schema of its options. */
export const image2imageOptions = perGraph({
  'sdxl-img2img': () => options(prompt(), image(), negativePrompt(), size(8, 2048), steps(), cfg(), denoise(), seed()),
  'sd15-img2img': () => options(prompt(), image(), negativePrompt(), size(8, 2048), steps(), cfg(), denoise(), seed()),
  'tiny-img2img': () => options(prompt(), image(), negativePrompt(), fixedSize(128), steps(), cfg(), denoise(), seed()),
});
