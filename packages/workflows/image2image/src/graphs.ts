import { defineFamily, type FileParameter } from '@heurist/core/definition';
import { sd15, sdxl } from '@heurist/model-files/stable-diffusion';
import { tinyIcons } from '@heurist/model-files/tiny-icons';
import sd15Graph from './graphs/sd15-img2img.api.json' with { type: 'json' };
import sdxlGraph from './graphs/sdxl-img2img.api.json' with { type: 'json' };
import tinyGraph from './graphs/tiny-img2img.api.json' with { type: 'json' };
import { image2imageOptions } from './options.ts';

const bindings = {
  prompt: 'pos.text',
  negative_prompt: 'neg.text',
  image: 'image.image',
  width: 'resize.width',
  height: 'resize.height',
  steps: 'sampler.steps',
  cfg: 'sampler.cfg',
  denoise: 'sampler.denoise',
  seed: 'sampler.seed',
};
const constants = ['sampler.sampler_name,scheduler', 'resize.upscale_method,crop'];
const files: Record<string, FileParameter> = { image: { kind: 'image', max_bytes: 50_000_000 } };

/** Everything that the network needs to run each graph, default first. */
export const definitions = defineFamily(image2imageOptions, { task_type: 'img2img', outputs: ['save'], files }, [
  {
    workflow_id: 'sdxl-img2img',
    title: 'Image to image (SDXL)',
    graph: sdxlGraph,
    bindings,
    constants,
    models: sdxl,
  },
  {
    workflow_id: 'sd15-img2img',
    title: 'Image to image (Stable Diffusion 1.5)',
    graph: sd15Graph,
    bindings,
    constants,
    models: sd15,
  },
  {
    workflow_id: 'tiny-img2img',
    title: 'Icon to icon, on the CPU (tiny-icons)',
    graph: tinyGraph,
    bindings,
    constants,
    models: tinyIcons,
  },
]);
