import { type BindingSource, defineWorkflow, wireSchema } from '@heurist/core/definition';
import hunyuanGraph from './graphs/hunyuan.api.json' with { type: 'json' };
import ltxvGraph from './graphs/ltxv-t2v.api.json' with { type: 'json' };
import mochiGraph from './graphs/mochi.api.json' with { type: 'json' };
import wan21SmallGraph from './graphs/wan2.1-t2v-1.3b.api.json' with { type: 'json' };
import wan22SmallGraph from './graphs/wan2.2-t2v-5b.api.json' with { type: 'json' };
import wan22LargeGraph from './graphs/wan2.2-t2v-14b.api.json' with { type: 'json' };
import { hunyuan, ltxv, mochi, wan21Small, wan22Large, wan22Small } from './models.ts';
import { text2videoOptions } from './text2video-options.ts';

const common = { task_type: 'txt2vid', outputs: ['save'] };
const bindings: Record<string, BindingSource | BindingSource[]> = {
  prompt: 'pos.text',
  width: 'latent.width',
  height: 'latent.height',
  length: 'latent.length',
  fps: 'video.fps',
};
const sampler = {
  negative_prompt: 'neg.text',
  steps: 'sampler.steps',
  cfg: 'sampler.cfg',
  seed: 'sampler.seed',
};
const samplerConstants = ['sampler.sampler_name', 'sampler.scheduler', 'sampler.denoise', 'latent.batch_size'];
const loaderConstants = ['unet.weight_dtype', 'clip.type', 'clip.device'];
const fileConstants = ['save.format', 'save.codec'];
const wanConstants = [...samplerConstants, ...loaderConstants, ...fileConstants, 'shift.shift'];
const halfOfSteps = [
  { node: 's_hi', input: 'end_at_step', factor: 0.5 },
  { node: 's_lo', input: 'start_at_step', factor: 0.5 },
];

/** What the network needs to run each graph, the default first. */
export const definitions = [
  defineWorkflow({
    ...common,
    workflow_id: '1',
    title: 'Video from words (Hunyuan)',
    parameters: wireSchema(text2videoOptions[1]),
    graph: hunyuanGraph,
    bindings: { ...bindings, steps: 'sigmas.steps', guidance: 'guid.guidance', seed: 'noise.noise_seed' },
    constants: [
      ...['unet.weight_dtype', 'clip.type', 'shift.shift', 'ksel.sampler_name', 'sigmas.scheduler', 'sigmas.denoise'],
      ...['decode.tile_size', 'decode.overlap', 'decode.temporal_size', 'decode.temporal_overlap'],
      ...['latent.batch_size', ...fileConstants],
    ],
    requirements: { models: hunyuan },
  }),
  defineWorkflow({
    ...common,
    workflow_id: '2',
    title: 'Video from words (Mochi)',
    parameters: wireSchema(text2videoOptions[2]),
    graph: mochiGraph,
    bindings: { ...bindings, ...sampler, fps: 'save.fps', quality: 'save.quality' },
    constants: [...samplerConstants, ...loaderConstants, 'save.lossless', 'save.method'],
    requirements: { models: mochi },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.1-t2v-1.3b',
    title: 'Video from words, small (Wan 2.1, 1.3B)',
    parameters: wireSchema(text2videoOptions['wan2.1-t2v-1.3b']),
    graph: wan21SmallGraph,
    bindings: { ...bindings, ...sampler },
    constants: wanConstants,
    requirements: { models: wan21Small },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.2-t2v-14b',
    title: 'Video from words, large (Wan 2.2, 14B)',
    parameters: wireSchema(text2videoOptions['wan2.2-t2v-14b']),
    graph: wan22LargeGraph,
    bindings: {
      ...bindings,
      negative_prompt: 'neg.text',
      steps: ['s_hi.steps', 's_lo.steps', ...halfOfSteps],
      cfg: ['s_hi.cfg', 's_lo.cfg'],
      seed: 's_hi.noise_seed',
    },
    constants: [
      ...[
        'clip.type',
        'clip.device',
        'unet_hi.weight_dtype',
        'unet_lo.weight_dtype',
        'shift_hi.shift',
        'shift_lo.shift',
      ],
      ...['s_hi', 's_lo'].flatMap((node) =>
        ['add_noise', 'sampler_name', 'scheduler', 'return_with_leftover_noise'].map((input) => `${node}.${input}`),
      ),
      ...['s_hi.start_at_step', 's_lo.end_at_step', 's_lo.noise_seed', 'latent.batch_size', ...fileConstants],
    ],
    requirements: { models: wan22Large },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'wan2.2-t2v-5b',
    title: 'Video from words, middling (Wan 2.2, 5B)',
    parameters: wireSchema(text2videoOptions['wan2.2-t2v-5b']),
    graph: wan22SmallGraph,
    bindings: { ...bindings, ...sampler },
    constants: wanConstants,
    requirements: { models: wan22Small },
  }),
  defineWorkflow({
    ...common,
    workflow_id: 'ltxv-t2v',
    title: 'Video from words, fast (LTX-Video 2B)',
    parameters: wireSchema(text2videoOptions['ltxv-t2v']),
    graph: ltxvGraph,
    bindings: {
      ...bindings,
      ...sampler,
      fps: ['video.fps', 'cond.frame_rate'],
      steps: 'sigmas.steps',
      seed: 'sampler.noise_seed',
    },
    constants: [
      ...['clip.type', 'clip.device', 'ksel.sampler_name', 'sampler.add_noise', 'latent.batch_size', ...fileConstants],
      ...['max_shift', 'base_shift', 'stretch', 'terminal'].map((input) => `sigmas.${input}`),
    ],
    requirements: { models: ltxv },
  }),
];
