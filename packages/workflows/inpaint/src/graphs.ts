import { defineFamily, type FileParameter } from '@heurist/core/definition';
import { sd15, sdxl } from '@heurist/model-files/stable-diffusion';
import { tinyIcons } from '@heurist/model-files/tiny-icons';
import sd15Graph from './graphs/sd15-inpaint.api.json' with { type: 'json' };
import sdxlGraph from './graphs/sdxl-inpaint.api.json' with { type: 'json' };
import tinyGraph from './graphs/tiny-inpaint.api.json' with { type: 'json' };
import { inpaintOptions } from './options.ts';

const bindings = {
  prompt: 'pos.text',
  negative_prompt: 'neg.text',
  image: 'image.image',
  mask: 'mask.image',
  mask_channel: 'mask.channel',
  steps: 'sampler.steps',
  cfg: 'sampler.cfg',
  denoise: 'sampler.denoise',
  seed: 'sampler.seed',
};
// any image and mask are resized to the one size that the model supports
const tinyConstants = [
  'sampler.sampler_name,scheduler',
  'resize.upscale_method,width,height,crop',
  'resizeMask.upscale_method,width,height,crop',
  'fittedMask.channel',
  'masked.grow_mask_by',
];
const constants = ['sampler.sampler_name,scheduler', 'cond.noise_mask'];
const files: Record<string, FileParameter> = {
  image: { kind: 'image', max_bytes: 50_000_000 },
  mask: { kind: 'image', max_bytes: 50_000_000 },
};

/**
 * Everything that the network needs to run each graph, default first. The first two use the ordinary checkpoint of their
 * model: `InpaintModelConditioning` and `DifferentialDiffusion` make any model keep the area outside the mask.
 */
export const definitions = defineFamily(inpaintOptions, { task_type: 'inpaint', outputs: ['save'], files }, [
  {
    workflow_id: 'sdxl-inpaint',
    title: 'Repaint part of an image (SDXL)',
    graph: sdxlGraph,
    bindings,
    constants,
    models: sdxl,
  },
  {
    workflow_id: 'sd15-inpaint',
    title: 'Repaint part of an image (Stable Diffusion 1.5)',
    graph: sd15Graph,
    bindings,
    constants,
    models: sd15,
  },
  {
    workflow_id: 'tiny-inpaint',
    title: 'Repaint part of an icon, on the CPU (tiny-icons)',
    graph: tinyGraph,
    bindings,
    constants: tinyConstants,
    models: tinyIcons,
  },
]);
