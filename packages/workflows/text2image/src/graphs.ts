import { defineFamily } from '@heurist/core/definition';
import { fluxDev } from '@heurist/model-files/flux';
import { qwenImage } from '@heurist/model-files/qwen-image';
import { sd15, sdxl } from '@heurist/model-files/stable-diffusion';
import { tinyIcons } from '@heurist/model-files/tiny-icons';
import fluxDevGraph from './graphs/flux-dev.api.json' with { type: 'json' };
import qwenImageGraph from './graphs/qwen-image.api.json' with { type: 'json' };
import sd15Graph from './graphs/sd15.api.json' with { type: 'json' };
import sdxlGraph from './graphs/sdxl.api.json' with { type: 'json' };
import tinyGraph from './graphs/tiny.api.json' with { type: 'json' };
import { text2imageOptions } from './options.ts';

const bindings = {
  prompt: 'pos.text',
  width: 'latent.width',
  height: 'latent.height',
  batch_size: 'latent.batch_size',
  steps: 'sampler.steps',
  seed: 'sampler.seed',
};
const classicBindings = { ...bindings, negative_prompt: 'neg.text', cfg: 'sampler.cfg' };
const constants = ['sampler.sampler_name,scheduler,denoise'];

/** Everything that the network needs to run each graph, default first. */
export const definitions = defineFamily(text2imageOptions, { task_type: 'txt2img', outputs: ['save'] }, [
  {
    workflow_id: 'sdxl',
    title: 'Text to image (SDXL)',
    graph: sdxlGraph,
    bindings: classicBindings,
    constants,
    models: sdxl,
  },
  {
    workflow_id: 'sd15',
    title: 'Text to image (Stable Diffusion 1.5)',
    graph: sd15Graph,
    bindings: classicBindings,
    constants,
    models: sd15,
  },
  {
    workflow_id: 'flux-dev',
    title: 'Text to image (FLUX.1 dev)',
    graph: fluxDevGraph,
    bindings: { ...bindings, guidance: 'guid.guidance' },
    // the model is distilled: cfg stays 1, so a negative prompt would have no effect
    constants: [...constants, 'sampler.cfg', 'neg.text'],
    models: fluxDev,
  },
  {
    workflow_id: 'qwen-image',
    title: 'Text to image, good at lettering (Qwen-Image)',
    graph: qwenImageGraph,
    bindings: classicBindings,
    constants: [...constants, 'unet.weight_dtype', 'clip.type,device', 'shift.shift'],
    models: qwenImage,
  },
  {
    workflow_id: 'tiny',
    title: 'Text to icon, on the CPU (tiny-icons)',
    graph: tinyGraph,
    bindings: classicBindings,
    constants,
    models: tinyIcons,
  },
]);
