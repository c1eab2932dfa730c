import { type BindingSource, defineWorkflow, wireSchema } from '@heurist/core/definition';
import { fluxDevParts } from '@heurist/model-files/flux';
import graph from './graphs/flux-lora.api.json' with { type: 'json' };
import { fluxLoraOptions, ratioOf, spelled, withX } from './options.ts';

/** Latent and shift must have the same size. */
function ratioBindings(): BindingSource[] {
  return ['width', 'height'].flatMap((input, index) => {
    const values = Object.fromEntries(
      spelled.flatMap((spelling) => {
        const side = Number(spelling.match(/\d+/g)?.at(index - 2));
        return [ratioOf(spelling), spelling, withX(spelling)].map((each) => [each, side]);
      }),
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
