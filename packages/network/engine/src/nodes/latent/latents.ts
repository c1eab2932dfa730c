import { CELL, createLatent, type LatentBatch, repeatLatent, resizeLatent } from '../../diffusion/latent.ts';
import type { MaskBatch } from '../../images/image.ts';
import { type ResampleMethod, resizeImage } from '../../images/resample.ts';
import type { NodeClass } from '../node-class.ts';

export const emptyLatentImage: NodeClass = {
  name: 'EmptyLatentImage',
  displayName: 'Empty Latent Image',
  category: 'latent',
  description: 'Create a new batch of empty latent images to be denoised via sampling.',
  pythonModule: 'nodes',
  input: () => ({
    width: [
      'INT',
      { default: 512, min: 16, max: 16384, step: 8, tooltip: 'The width of the latent images in pixels.' },
    ],
    height: [
      'INT',
      { default: 512, min: 16, max: 16384, step: 8, tooltip: 'The height of the latent images in pixels.' },
    ],
    batch_size: ['INT', { default: 1, min: 1, max: 4096, tooltip: 'The number of latent images in the batch.' }],
  }),
  output: ['LATENT'],
  outputTooltips: ['The empty latent image batch.'],
  // four channels, whatever the model: the sampler puts it right
  run: ({ width, height, batch_size }: { width: number; height: number; batch_size: number }) => ({
    outputs: [createLatent(batch_size, 4, Math.floor(height / CELL), Math.floor(width / CELL))],
  }),
};

export const repeatLatentBatch: NodeClass = {
  name: 'RepeatLatentBatch',
  displayName: 'Repeat Latent Batch',
  category: 'latent/batch',
  pythonModule: 'nodes',
  input: () => ({ samples: ['LATENT'], amount: ['INT', { default: 1, min: 1, max: 64 }] }),
  output: ['LATENT'],
  run: ({ samples, amount }: { samples: LatentBatch; amount: number }) => ({
    outputs: [repeatLatent(samples, samples.batch * amount)],
  }),
};

const LATENT_METHODS = ['nearest-exact', 'bilinear', 'area', 'bicubic'] as const satisfies ResampleMethod[];

interface LatentUpscaleInputs {
  samples: LatentBatch;
  upscale_method: (typeof LATENT_METHODS)[number];
  width: number;
  height: number;
  crop: 'disabled' | 'center';
}

export const latentUpscale: NodeClass = {
  name: 'LatentUpscale',
  displayName: 'Upscale Latent',
  category: 'latent',
  pythonModule: 'nodes',
  input: () => ({
    samples: ['LATENT'],
    upscale_method: [[...LATENT_METHODS]],
    width: ['INT', { default: 512, min: 0, max: 16384, step: 8 }],
    height: ['INT', { default: 512, min: 0, max: 16384, step: 8 }],
    crop: [['disabled', 'center']],
  }),
  output: ['LATENT'],
  run({ samples, upscale_method, width, height, crop }: LatentUpscaleInputs) {
    if (!width && !height) return { outputs: [samples] };
    // a side of 0 follows the other; ComfyUI makes none smaller than 64 pixels
    const cells = (side: number, own: number, ratio: number) =>
      Math.max(64, side || Math.round(own * CELL * ratio)) / CELL;
    const columns = Math.floor(cells(width, samples.width, height / (samples.height * CELL)));
    const rows = Math.floor(cells(height, samples.height, width / (samples.width * CELL)));
    return { outputs: [resizeLatent(samples, (planes) => resizeImage(planes, columns, rows, upscale_method, crop))] };
  },
};

export const setLatentNoiseMask: NodeClass = {
  name: 'SetLatentNoiseMask',
  displayName: 'Set Latent Noise Mask',
  category: 'latent/inpaint',
  pythonModule: 'nodes',
  input: () => ({ samples: ['LATENT'], mask: ['MASK'] }),
  output: ['LATENT'],
  run: ({ samples, mask }: { samples: LatentBatch; mask: MaskBatch }) => ({
    outputs: [{ ...samples, noiseMask: mask }],
  }),
};
