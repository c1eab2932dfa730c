import { type BindingSource, defineFamily } from '@heurist/core/definition';
import { hunyuanVideo } from '@heurist/model-files/hunyuan-video';
import { ltxVideo } from '@heurist/model-files/ltx-video';
import { mochi } from '@heurist/model-files/mochi';
import { wan21Text1B, wan22Both5B, wan22Text14B } from '@heurist/model-files/wan';
import hunyuanGraph from './graphs/hunyuan.api.json' with { type: 'json' };
import ltxvGraph from './graphs/ltxv-t2v.api.json' with { type: 'json' };
import mochiGraph from './graphs/mochi.api.json' with { type: 'json' };
import wan21SmallGraph from './graphs/wan2.1-t2v-1.3b.api.json' with { type: 'json' };
import wan22SmallGraph from './graphs/wan2.2-t2v-5b.api.json' with { type: 'json' };
import wan22LargeGraph from './graphs/wan2.2-t2v-14b.api.json' with { type: 'json' };
import { text2videoOptions } from './options.ts';

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
const samplerConstants = ['sampler.sampler_name,scheduler,denoise', 'latent.batch_size'];
const loaderConstants = ['unet.weight_dtype', 'clip.type,device'];
const wanConstants = [...samplerConstants, ...loaderConstants, 'shift.shift', 'save.format,codec'];
const halfOfSteps = [
  { node: 's_hi', input: 'end_at_step', factor: 0.5 },
  { node: 's_lo', input: 'start_at_step', factor: 0.5 },
];

/** Everything that the network needs to run each graph, default first. */
export const definitions = defineFamily(text2videoOptions, { task_type: 'txt2vid', outputs: ['save'] }, [
  {
    workflow_id: '1',
    title: 'Text to video (Hunyuan)',
    graph: hunyuanGraph,
    bindings: { ...bindings, steps: 'sigmas.steps', guidance: 'guid.guidance', seed: 'noise.noise_seed' },
    constants: [
      ...['unet.weight_dtype', 'clip.type', 'shift.shift', 'ksel.sampler_name', 'sigmas.scheduler,denoise'],
      ...['decode.tile_size,overlap,temporal_size,temporal_overlap', 'latent.batch_size', 'save.format,codec'],
    ],
    models: hunyuanVideo,
  },
  {
    workflow_id: '2',
    title: 'Text to video (Mochi)',
    graph: mochiGraph,
    bindings: { ...bindings, ...sampler, fps: 'save.fps', quality: 'save.quality' },
    constants: [...samplerConstants, ...loaderConstants, 'save.lossless,method'],
    models: mochi,
  },
  {
    workflow_id: 'wan2.1-t2v-1.3b',
    title: 'Text to video, small (Wan 2.1, 1.3B)',
    graph: wan21SmallGraph,
    bindings: { ...bindings, ...sampler },
    constants: wanConstants,
    models: wan21Text1B,
  },
  {
    workflow_id: 'wan2.2-t2v-14b',
    title: 'Text to video, large (Wan 2.2, 14B)',
    graph: wan22LargeGraph,
    bindings: {
      ...bindings,
      negative_prompt: 'neg.text',
      steps: ['s_hi.steps', 's_lo.steps', ...halfOfSteps],
      cfg: ['s_hi.cfg', 's_lo.cfg'],
      seed: 's_hi.noise_seed',
    },
    constants: [
      ...['clip.type,device', 'unet_hi.weight_dtype', 'unet_lo.weight_dtype', 'shift_hi.shift', 'shift_lo.shift'],
      's_hi.add_noise,sampler_name,scheduler,return_with_leftover_noise,start_at_step',
      's_lo.add_noise,sampler_name,scheduler,return_with_leftover_noise,end_at_step,noise_seed',
      ...['latent.batch_size', 'save.format,codec'],
    ],
    models: wan22Text14B,
  },
  {
    workflow_id: 'wan2.2-t2v-5b',
    title: 'Text to video, medium (Wan 2.2, 5B)',
    graph: wan22SmallGraph,
    bindings: { ...bindings, ...sampler },
    constants: wanConstants,
    models: wan22Both5B,
  },
  {
    workflow_id: 'ltxv-t2v',
    title: 'Text to video, fast (LTX-Video 2B)',
    graph: ltxvGraph,
    bindings: {
      ...bindings,
      ...sampler,
      fps: ['video.fps', 'cond.frame_rate'],
      steps: 'sigmas.steps',
      seed: 'sampler.noise_seed',
    },
    constants: [
      ...['clip.type,device', 'ksel.sampler_name', 'sampler.add_noise', 'latent.batch_size', 'save.format,codec'],
      'sigmas.max_shift,base_shift,stretch,terminal',
    ],
    models: ltxVideo,
  },
]);
