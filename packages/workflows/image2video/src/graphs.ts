import { type BindingSource, defineFamily, type FileParameter } from '@heurist/core/definition';
import { ltxVideo } from '@heurist/model-files/ltx-video';
import { svd } from '@heurist/model-files/stable-diffusion';
import { wan21Image14B, wan22Both5B, wan22Image14B, wan22Image14BFourSteps } from '@heurist/model-files/wan';
import ltxvGraph from './graphs/ltxv-i2v.api.json' with { type: 'json' };
import svdGraph from './graphs/svd.api.json' with { type: 'json' };
import wan21LargeGraph from './graphs/wan2.1-i2v-14b.api.json' with { type: 'json' };
import wan22SmallGraph from './graphs/wan2.2-i2v-5b.api.json' with { type: 'json' };
import wan22LargeGraph from './graphs/wan2.2-i2v-14b.api.json' with { type: 'json' };
import wan22FourStepGraph from './graphs/wan2.2-i2v-14b-4step.api.json' with { type: 'json' };
import { image2videoOptions } from './options.ts';

const bindings: Record<string, BindingSource | BindingSource[]> = {
  prompt: 'pos.text',
  image: 'image.image',
  width: 'i2v.width',
  height: 'i2v.height',
  length: 'i2v.length',
  fps: 'video.fps',
};
const files: Record<string, FileParameter> = { image: { kind: 'image', max_bytes: 50_000_000 } };
const negative = { negative_prompt: 'neg.text' };
const sampler = { steps: 'sampler.steps', cfg: 'sampler.cfg', seed: 'sampler.seed' };
const samplerConstants = 'sampler.sampler_name,scheduler,denoise';
const textAndFileConstants = ['clip.type,device', 'save.format,codec'];
const wanConstants = [samplerConstants, ...textAndFileConstants, 'unet.weight_dtype', 'shift.shift'];
const expertConstants = [
  ...textAndFileConstants,
  ...['unet_hi.weight_dtype', 'unet_lo.weight_dtype', 'shift_hi.shift', 'shift_lo.shift', 'i2v.batch_size'],
  's_hi.add_noise,sampler_name,scheduler,return_with_leftover_noise,start_at_step',
  's_lo.add_noise,sampler_name,scheduler,return_with_leftover_noise,end_at_step,noise_seed',
];

/** Everything that the network needs to run each graph, default first. */
export const definitions = defineFamily(image2videoOptions, { task_type: 'img2vid', outputs: ['save'], files }, [
  {
    workflow_id: 'wan2.2-i2v-14b',
    title: 'Image to video, large (Wan 2.2, 14B)',
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
    models: wan22Image14B,
  },
  {
    workflow_id: 'wan2.2-i2v-14b-4step',
    title: 'Image to video, large, in four steps (Wan 2.2, 14B, LightX2V)',
    graph: wan22FourStepGraph,
    bindings: { ...bindings, seed: 's_hi.noise_seed' },
    constants: [
      ...expertConstants,
      ...['neg.text', 'lora_hi.strength_model', 'lora_lo.strength_model'],
      ...['s_hi.steps,cfg,end_at_step', 's_lo.steps,cfg,start_at_step'],
    ],
    models: wan22Image14BFourSteps,
  },
  {
    workflow_id: 'wan2.2-i2v-5b',
    title: 'Image to video, medium (Wan 2.2, 5B)',
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
    models: wan22Both5B,
  },
  {
    workflow_id: 'wan2.1-i2v-14b',
    title: 'Image to video (Wan 2.1, 14B, 480p)',
    graph: wan21LargeGraph,
    bindings: { ...bindings, ...negative, ...sampler },
    constants: [...wanConstants, 'i2v.batch_size', 'cve.crop'],
    models: wan21Image14B,
  },
  {
    workflow_id: 'ltxv-i2v',
    title: 'Image to video, fast (LTX-Video 2B)',
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
      'sigmas.max_shift,base_shift,stretch,terminal',
      ...['ksel.sampler_name', 'prep.img_compression', 'i2v.batch_size,strength', 'sampler.add_noise'],
    ],
    models: ltxVideo,
  },
  {
    workflow_id: 'svd',
    title: 'Image to video without a prompt (Stable Video Diffusion XT)',
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
    constants: [samplerConstants, ...['cond.augmentation_level', 'cfgg.min_cfg', 'save.lossless,quality,method']],
    models: svd,
  },
]);
