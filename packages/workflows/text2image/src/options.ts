import {
  batchSize,
  cfg,
  fixedSize,
  guidance,
  negativePrompt,
  options,
  perGraph,
  prompt,
  seed,
  size,
  steps,
} from '@heurist/core/parameters';

/** Workflow id -> schema of its options. */
export const text2imageOptions = perGraph({
  sdxl: () => options(prompt(), negativePrompt(), size(8, 2048), steps(), cfg(), batchSize(), seed()),
  sd15: () => options(prompt(), negativePrompt(), size(8, 2048), steps(), cfg(), batchSize(), seed()),
  'flux-dev': () => options(prompt(), size(16, 2048), steps(), guidance(), batchSize(), seed()),
  'qwen-image': () => options(prompt(), negativePrompt(), size(16, 2048), steps(), cfg(), batchSize(), seed()),
  tiny: () => options(prompt(), negativePrompt(), fixedSize(128), steps(), cfg(), batchSize(), seed()),
});
