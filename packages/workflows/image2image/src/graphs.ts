import { defineFamily, type FileParameter, modelFile } from '@heurist/core/definition';
import sd15Graph from './graphs/sd15-img2img.api.json' with { type: 'json' };
import sdxlGraph from './graphs/sdxl-img2img.api.json' with { type: 'json' };
import tinyGraph from './graphs/tiny-img2img.api.json' with { type: 'json' };
import { image2imageOptions } from './options.ts';

const HF = 'https://huggingface.co';
const SD15 = `${HF}/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors`;
const SDXL = `${HF}/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors`;
// a package of npm, which the engine of a local network has with it
const TINY = 'https://www.npmjs.com/package/@heurist/tiny-icons';

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

/** What the network needs to run each graph, the default first. */
export const definitions = defineFamily(image2imageOptions, { task_type: 'img2img', outputs: ['save'], files }, [
  {
    workflow_id: 'sdxl-img2img',
    title: 'Remake a picture after words (SDXL)',
    graph: sdxlGraph,
    bindings,
    constants,
    models: [modelFile('checkpoints', SDXL, 6_940_000_000)],
  },
  {
    workflow_id: 'sd15-img2img',
    title: 'Remake a picture after words (Stable Diffusion 1.5)',
    graph: sd15Graph,
    bindings,
    constants,
    models: [modelFile('checkpoints', SD15, 2_130_000_000)],
  },
  {
    workflow_id: 'tiny-img2img',
    title: 'Remake an icon after words, on the CPU (tiny-icons)',
    graph: tinyGraph,
    bindings,
    constants: constants,
    models: [modelFile('checkpoints', TINY, 24_000_000)],
  },
]);
