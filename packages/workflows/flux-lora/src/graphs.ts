import { type BindingSource, defineWorkflow, wireSchema } from '@heurist/core/definition';
import { fluxDevParts } from '@heurist/model-files/flux';
import graph from './graphs/flux-lora.api.json' with { type: 'json' };
import { fluxLoraOptions, spellings } from './options.ts';

/** Width and height of each aspect ratio: SDXL's training sizes, about one megapixel, with sides that are multiples of 64. */
const ratios = {
  '1:1': [1024, 1024],
  '3:4': [896, 1152],
  '5:8': [832, 1216],
  '9:16': [768, 1344],
  '9:21': [640, 1536],
  '4:3': [1152, 896],
  '3:2': [1216, 832],
  '16:9': [1344, 768],
  '21:9': [1536, 640],
};

/** Latent and shift must have the same size. */
function ratioBindings(): BindingSource[] {
  return ['width', 'height'].flatMap((input, index) => {
    const values = Object.fromEntries(
      Object.entries(ratios).flatMap(([name, sides]) =>
        [name, ...spellings[name as keyof typeof ratios]].map((spelling) => [spelling, sides[index]]),
      ),
    );
    return ['latent', 'shift'].map((node) => ({ node, input, values }));
  });
}

/** Everything that the network needs to run the graph. */
export const definitions = [
  defineWorkflow({
    workflow_id: '3',
    task_type: 'txt2img',
    title: 'Text to image with a LoRA (FLUX.1 dev)',
    parameters: wireSchema(fluxLoraOptions()),
    graph,
    bindings: {
      prompt: 'text.t5xxl',
      lora_name: { node: 'lora', input: 'lora_name', suffix: '.safetensors' },
      aspect_ratio: ratioBindings(),
      width: ['latent.width', 'shift.width'],
      height: ['latent.height', 'shift.height'],
      guidance: 'text.guidance',
      steps: 'sigmas.steps',
      strength_model: 'lora.strength_model',
      seed: 'noise.noise_seed',
      noise_seed: 'noise.noise_seed',
    },
    constants: [
      ...['unet.weight_dtype', 'clip.type', 'lora.strength_clip', 'shift.max_shift,base_shift', 'text.clip_l'],
      ...['ksel.sampler_name', 'sigmas.scheduler,denoise', 'latent.batch_size'],
    ],
    outputs: ['save'],
    // the caller chooses the LoRA, so a server that lacks it is noticed only when the task runs
    requirements: { models: fluxDevParts },
  }),
];
