import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import fluxDevGraph from './graphs/flux-dev.api.json' with { type: 'json' };
import qwenImageGraph from './graphs/qwen-image.api.json' with { type: 'json' };
import sd15Graph from './graphs/sd15.api.json' with { type: 'json' };
import sdxlGraph from './graphs/sdxl.api.json' with { type: 'json' };
import { fluxDev, qwenImage, sd15, sdxl } from './models.ts';
import { text2imageOptions } from './text2image-options.ts';

const bindings = {
  prompt: 'pos.text',
  width: 'latent.width',
  height: 'latent.height',
  batch_size: 'latent.batch_size',
  steps: 'sampler.steps',
  seed: 'sampler.seed',
};
const classicBindings = { ...bindings, negative_prompt: 'neg.text', cfg: 'sampler.cfg' };
const constants = ['sampler.sampler_name', 'sampler.scheduler', 'sampler.denoise'];

/** What the network needs to run each graph, the default first. */
export const definitions = [
  defineWorkflow({
    workflow_id: 'sdxl',
    task_type: 'txt2img',
    title: 'Picture from words (SDXL)',
    parameters: wireSchema(text2imageOptions.sdxl),
    graph: sdxlGraph,
    bindings: classicBindings,
    constants,
    outputs: ['save'],
    requirements: { models: [sdxl] },
  }),
  defineWorkflow({
    workflow_id: 'sd15',
    task_type: 'txt2img',
    title: 'Picture from words (Stable Diffusion 1.5)',
    parameters: wireSchema(text2imageOptions.sd15),
    graph: sd15Graph,
    bindings: classicBindings,
    constants,
    outputs: ['save'],
    requirements: { models: [sd15] },
  }),
  defineWorkflow({
    workflow_id: 'flux-dev',
    task_type: 'txt2img',
    title: 'Picture from words (FLUX.1 dev)',
    parameters: wireSchema(text2imageOptions['flux-dev']),
    graph: fluxDevGraph,
    bindings: { ...bindings, guidance: 'guid.guidance' },
    // the model is distilled: cfg stays 1, where a negative prompt has no effect
    constants: [...constants, 'sampler.cfg', 'neg.text'],
    outputs: ['save'],
    requirements: { models: [fluxDev] },
  }),
  defineWorkflow({
    workflow_id: 'qwen-image',
    task_type: 'txt2img',
    title: 'Picture from words, good at lettering (Qwen-Image)',
    parameters: wireSchema(text2imageOptions['qwen-image']),
    graph: qwenImageGraph,
    bindings: classicBindings,
    constants: [...constants, 'unet.weight_dtype', 'clip.type', 'clip.device', 'shift.shift'],
    outputs: ['save'],
    requirements: { models: qwenImage },
  }),
];
