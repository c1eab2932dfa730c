import { type Checkpoint, runNetwork } from '../../diffusion/checkpoint.ts';
import { type LatentBatch, latentTensor, planesToImage } from '../../diffusion/latent.ts';
import { type Conditioning, sampleLatent } from '../../diffusion/sample-latent.ts';
import { SAMPLERS, type SamplerName } from '../../diffusion/samplers.ts';
import { planSigmas, SCHEDULERS, type Scheduler } from '../../diffusion/schedules.ts';
import type { NodeClass, NodeContext } from '../node-class.ts';

interface CommonInputs {
  model: Checkpoint;
  steps: number;
  cfg: number;
  sampler_name: SamplerName;
  scheduler: Scheduler;
  positive: Conditioning;
  negative: Conditioning;
  latent_image: LatentBatch;
}

const LARGEST_SEED = 2 ** 64;

async function sample(
  { model, cfg, sampler_name, positive, negative, latent_image }: CommonInputs,
  { seed, sigmas, addNoise }: { seed: number; sigmas: readonly number[]; addNoise: boolean },
  context: NodeContext,
) {
  const latent = await sampleLatent({
    checkpoint: model,
    positive,
    negative,
    latent: latent_image,
    seed,
    cfg,
    sampler: sampler_name,
    sigmas,
    addNoise,
    inference: context.inference,
    onStep: async (step, denoised) =>
      await context.progress(step, sigmas.length - 1, () => preview(model, denoised, context)),
  });
  return { outputs: [latent] };
}

/** The first picture of the batch, small. */
async function preview(model: Checkpoint, latent: LatentBatch, { inference }: NodeContext) {
  return planesToImage(await runNetwork(model, 'preview', [latentTensor(latent, 0)], inference));
}

export const kSampler: NodeClass = {
  name: 'KSampler',
  displayName: 'KSampler',
  category: 'sampling',
  description: 'Uses the provided model, positive and negative conditioning to denoise the latent image.',
  pythonModule: 'nodes',
  input: () => ({
    model: ['MODEL', { tooltip: 'The model used for denoising the input latent.' }],
    seed: [
      'INT',
      {
        default: 0,
        min: 0,
        max: LARGEST_SEED,
        control_after_generate: true,
        tooltip: 'The random seed used for creating the noise.',
      },
    ],
    steps: ['INT', { default: 20, min: 1, max: 10000, tooltip: 'The number of steps used in the denoising process.' }],
    cfg: [
      'FLOAT',
      {
        default: 8.0,
        min: 0.0,
        max: 100.0,
        step: 0.1,
        round: 0.01,
        tooltip:
          'The Classifier-Free Guidance scale balances creativity and adherence to the prompt. Higher values result in images more closely matching the prompt however too high values will negatively impact quality.',
      },
    ],
    sampler_name: [
      [...SAMPLERS],
      {
        tooltip:
          'The algorithm used when sampling, this can affect the quality, speed, and style of the generated output.',
      },
    ],
    scheduler: [
      [...SCHEDULERS],
      { tooltip: 'The scheduler controls how noise is gradually removed to form the image.' },
    ],
    positive: [
      'CONDITIONING',
      { tooltip: 'The conditioning describing the attributes you want to include in the image.' },
    ],
    negative: [
      'CONDITIONING',
      { tooltip: 'The conditioning describing the attributes you want to exclude from the image.' },
    ],
    latent_image: ['LATENT', { tooltip: 'The latent image to denoise.' }],
    denoise: [
      'FLOAT',
      {
        default: 1.0,
        min: 0.0,
        max: 1.0,
        step: 0.01,
        tooltip:
          'The amount of denoising applied, lower values will maintain the structure of the initial image allowing for image to image sampling.',
      },
    ],
  }),
  output: ['LATENT'],
  outputTooltips: ['The denoised latent.'],
  run(inputs: CommonInputs & { seed: number; denoise: number }, context) {
    const sigmas = planSigmas(inputs.scheduler, inputs.steps, inputs.model.shift, inputs.denoise);
    return sample(inputs, { seed: inputs.seed, sigmas, addNoise: true }, context);
  },
};

interface AdvancedInputs extends CommonInputs {
  add_noise: 'enable' | 'disable';
  noise_seed: number;
  start_at_step: number;
  end_at_step: number;
  return_with_leftover_noise: 'enable' | 'disable';
}

export const kSamplerAdvanced: NodeClass = {
  name: 'KSamplerAdvanced',
  displayName: 'KSampler (Advanced)',
  category: 'sampling',
  pythonModule: 'nodes',
  input: () => ({
    model: ['MODEL'],
    add_noise: [['enable', 'disable']],
    noise_seed: ['INT', { default: 0, min: 0, max: LARGEST_SEED, control_after_generate: true }],
    steps: ['INT', { default: 20, min: 1, max: 10000 }],
    cfg: ['FLOAT', { default: 8.0, min: 0.0, max: 100.0, step: 0.1, round: 0.01 }],
    sampler_name: [[...SAMPLERS]],
    scheduler: [[...SCHEDULERS]],
    positive: ['CONDITIONING'],
    negative: ['CONDITIONING'],
    latent_image: ['LATENT'],
    start_at_step: ['INT', { default: 0, min: 0, max: 10000 }],
    end_at_step: ['INT', { default: 10000, min: 0, max: 10000 }],
    return_with_leftover_noise: [['disable', 'enable']],
  }),
  output: ['LATENT'],
  run(inputs: AdvancedInputs, context) {
    const { steps, start_at_step, end_at_step } = inputs;
    const sigmas = planSigmas(inputs.scheduler, steps, inputs.model.shift).slice(0, end_at_step + 1);
    // without leftover noise the last step goes all the way, wherever it ends
    if (inputs.return_with_leftover_noise === 'disable') sigmas[sigmas.length - 1] = 0;
    const addNoise = inputs.add_noise === 'enable';
    return sample(inputs, { seed: inputs.noise_seed, sigmas: sigmas.slice(start_at_step), addNoise }, context);
  },
};
