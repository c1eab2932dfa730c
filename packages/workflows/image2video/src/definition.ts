import { type BindingSource, defineWorkflow, type FileParameter, wireSchema } from '@heurist/core/definition';
import ltxvGraph from './graphs/ltxv-i2v.api.json' with { type: 'json' };
import svdGraph from './graphs/svd.api.json' with { type: 'json' };
import wan21LargeGraph from './graphs/wan2.1-i2v-14b.api.json' with { type: 'json' };
import wan22SmallGraph from './graphs/wan2.2-i2v-5b.api.json' with { type: 'json' };
import wan22LargeGraph from './graphs/wan2.2-i2v-14b.api.json' with { type: 'json' };
import wan22FourStepGraph from './graphs/wan2.2-i2v-14b-4step.api.json' with { type: 'json' };
import { image2videoOptions } from './image2video-options.ts';
import { ltxv, svd, wan21Large, wan22FourStep, wan22Large, wan22Small } from './models.ts';

const files: Record<string, FileParameter> = { image: { kind: 'image', max_bytes: 50_000_000 } };
const common = { task_type: 'img2vid', outputs: ['save'], files };
const bindings: Record<string, BindingSource | BindingSource[]> = {
  prompt: 'pos.text',
  image: 'image.image',
  width: 'i2v.width',
  height: 'i2v.height',
  length: 'i2v.length',
  fps: 'video.fps',
};
const negative = { negative_prompt: 'neg.text' };
const sampler = { steps: 'sampler.steps', cfg: 'sampler.cfg', seed: 'sampler.seed' };
const inputs = (node: string, ...names: string[]) => names.map((name) => `${node}.${name}`);
const samplerConstants = inputs('sampler', 'sampler_name', 'scheduler', 'denoise');
const textAndFileConstants = [...inputs('clip', 'type', 'device'), ...inputs('save', 'format', 'codec')];
const wanConstants = [...samplerConstants, ...textAndFileConstants, 'unet.weight_dtype', 'shift.shift'];
const expertConstants = [
  ...textAndFileConstants,
  ...['unet_hi.weight_dtype', 'unet_lo.weight_dtype', 'shift_hi.shift', 'shift_lo.shift', 'i2v.batch_size'],
  ...['s_hi', 's_lo'].flatMap((node) =>
    inputs(node, 'add_noise', 'sampler_name', 'scheduler', 'return_with_leftover_noise'),
  ),
  ...['s_hi.start_at_step', 's_lo.end_at_step', 's_lo.noise_seed'],
];

/** What the network needs to run each graph, the default first. */
export const definitions = [
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.2-i2v-14b',
    title: 'Video from a picture, large (Wan 2.2, 14B)',
    parameters: wireSchema(image2videoOptions['wan2.2-i2v-14b']),
    graph: wan22LargeGraph,
    bindings: {
      ...bindings,
      ...negative,
      steps: [
        ...['s_hi.steps', 's_lo.steps'],
        { node: 's_hi', input: 'end_at_step', factor: 0.5 },
        { node: 's_lo', input: 'start_at_step', factor: 0.5 },
      ],
      cfg: ['s_hi.cfg', 's_lo.cfg'],
      seed: 's_hi.noise_seed',
    },
    constants: expertConstants,
    requirements: { models: wan22Large },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.2-i2v-14b-4step',
    title: 'Video from a picture, large in four steps (Wan 2.2, 14B, LightX2V)',
    parameters: wireSchema(image2videoOptions['wan2.2-i2v-14b-4step']),
    graph: wan22FourStepGraph,
    bindings: { ...bindings, seed: 's_hi.noise_seed' },
    constants: [
      ...expertConstants,
      ...['neg.text', 'lora_hi.strength_model', 'lora_lo.strength_model'],
      ...['s_hi.steps', 's_lo.steps', 's_hi.cfg', 's_lo.cfg', 's_hi.end_at_step', 's_lo.start_at_step'],
    ],
    requirements: { models: wan22FourStep },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.2-i2v-5b',
    title: 'Video from a picture, middling (Wan 2.2, 5B)',
    parameters: wireSchema(image2videoOptions['wan2.2-i2v-5b']),
    graph: wan22SmallGraph,
    bindings: {
      ...bindings,
      ...negative,
      ...sampler,
      width: 'latent.width',
      height: 'latent.height',
      length: 'latent.length',
    },
    constants: [...wanConstants, 'latent.batch_size'],
    requirements: { models: wan22Small },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.1-i2v-14b',
    title: 'Video from a picture (Wan 2.1, 14B, 480p)',
    parameters: wireSchema(image2videoOptions['wan2.1-i2v-14b']),
    graph: wan21LargeGraph,
    bindings: { ...bindings, ...negative, ...sampler },
    constants: [...wanConstants, 'i2v.batch_size', 'cve.crop'],
    requirements: { models: wan21Large },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'ltxv-i2v',
    title: 'Video from a picture, fast (LTX-Video 2B)',
    parameters: wireSchema(image2videoOptions['ltxv-i2v']),
    graph: ltxvGraph,
    bindings: {
      ...bindings,
      ...negative,
      fps: ['video.fps', 'cond.frame_rate'],
      steps: 'sigmas.steps',
      cfg: 'sampler.cfg',
      seed: 'sampler.noise_seed',
    },
    constants: [
      ...textAndFileConstants,
      ...inputs('sigmas', 'max_shift', 'base_shift', 'stretch', 'terminal'),
      ...['ksel.sampler_name', 'prep.img_compression', 'i2v.batch_size', 'i2v.strength', 'sampler.add_noise'],
    ],
    requirements: { models: ltxv },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'svd',
    title: 'Video from a picture alone (Stable Video Diffusion XT)',
    parameters: wireSchema(image2videoOptions.svd),
    graph: svdGraph,
    bindings: {
      ...sampler,
      image: 'image.image',
      width: 'cond.width',
      height: 'cond.height',
      length: 'cond.video_frames',
      motion_bucket_id: 'cond.motion_bucket_id',
      fps: ['cond.fps', 'save.fps'],
    },
    constants: [
      ...samplerConstants,
      ...['cond.augmentation_level', 'cfgg.min_cfg', 'save.lossless', 'save.quality', 'save.method'],
    ],
    requirements: { models: svd },
  }),
];
