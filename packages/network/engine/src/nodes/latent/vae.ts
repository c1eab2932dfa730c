import { type Checkpoint, runNetwork } from '../../diffusion/checkpoint.ts';
import { CELL, imageToPlanes, type LatentBatch, latentTensor, planesToImage } from '../../diffusion/latent.ts';
import type { Conditioning } from '../../diffusion/sample-latent.ts';
import {
  concatBatches,
  createImage,
  cropImage,
  type ImageBatch,
  type MaskBatch,
  pictures,
} from '../../images/image.ts';
import { resample } from '../../images/resample.ts';
import type { Inference } from '../../inference/inference.ts';
import type { NodeClass, NodeContext } from '../node-class.ts';

/** The middle of pictures, cut to whole cells, as ComfyUI does before it encodes. */
function cropToCells(image: ImageBatch): ImageBatch {
  const [width, height] = [image.width, image.height].map((side) => Math.floor(side / CELL) * CELL) as [number, number];
  const x = Math.floor((image.width % CELL) / 2);
  const y = Math.floor((image.height % CELL) / 2);
  return width === image.width && height === image.height ? image : cropImage(image, x, y, width, height);
}

async function encode(vae: Checkpoint, pixels: ImageBatch, inference: Inference): Promise<LatentBatch> {
  const { batch, height, width } = pixels;
  if (height < CELL || width < CELL)
    throw new Error(`Cannot encode a picture of ${width}x${height} pixels: each side needs at least ${CELL}.`);
  const { data, dims } = await runNetwork(vae, 'encoder', [imageToPlanes(pixels)], inference);
  return { batch, channels: dims[1]!, height: dims[2]!, width: dims[3]!, data: data as Float32Array };
}

export const vaeEncode: NodeClass = {
  name: 'VAEEncode',
  displayName: 'VAE Encode',
  category: 'latent',
  pythonModule: 'nodes',
  input: () => ({ pixels: ['IMAGE'], vae: ['VAE'] }),
  output: ['LATENT'],
  run: async ({ pixels, vae }: { pixels: ImageBatch; vae: Checkpoint }, { inference }) => ({
    outputs: [await encode(vae, cropToCells(pixels), inference)],
  }),
};

export const vaeDecode: NodeClass = {
  name: 'VAEDecode',
  displayName: 'VAE Decode',
  category: 'latent',
  description: 'Decodes latent images back into pixel space images.',
  pythonModule: 'nodes',
  input: () => ({
    samples: ['LATENT', { tooltip: 'The latent to be decoded.' }],
    vae: ['VAE', { tooltip: 'The VAE model used for decoding the latent.' }],
  }),
  output: ['IMAGE'],
  outputTooltips: ['The decoded image.'],
  run: async ({ samples, vae }: { samples: LatentBatch; vae: Checkpoint }, context) => ({
    outputs: [await decode(vae, samples, context)],
  }),
};

/** One picture after another, so that memory stays bounded. */
async function decode(vae: Checkpoint, latent: LatentBatch, context: NodeContext): Promise<ImageBatch> {
  const { batch, channels } = latent;
  if (channels !== vae.channels)
    throw new Error(
      `${vae.name} decodes latents with ${vae.channels} channels (got ${channels}). Put a KSampler in between.`,
    );
  const decoded: ImageBatch[] = [];
  for (let index = 0; index < batch; index++) {
    decoded.push(planesToImage(await runNetwork(vae, 'decoder', [latentTensor(latent, index)], context.inference)));
    if (batch > 1) await context.progress(index + 1, batch);
  }
  return concatBatches(decoded);
}

/** Every masked place grows to a square of this many pixels more. */
function growMask(mask: ImageBatch, by: number): ImageBatch {
  if (!by) return mask;
  const before = Math.ceil((by - 1) / 2);
  const grown = createImage(mask.batch, mask.height, mask.width, 1);
  for (const [index, picture] of pictures(mask).entries())
    for (let y = 0; y < mask.height; y++)
      for (let x = 0; x < mask.width; x++) {
        let sum = 0;
        for (let row = Math.max(0, y - before); row < Math.min(mask.height, y - before + by); row++)
          for (let column = Math.max(0, x - before); column < Math.min(mask.width, x - before + by); column++)
            sum += picture.data[row * mask.width + column]!;
        grown.data[(index * mask.height + y) * mask.width + x] = Math.min(1, sum);
      }
  return grown;
}

const rounded = (mask: ImageBatch): ImageBatch => ({ ...mask, data: mask.data.map(Math.round) });

/** Pictures with grey where the mask is, so that what is hidden does not shine through. */
function greyOut(pixels: ImageBatch, mask: ImageBatch): ImageBatch {
  const size = pixels.width * pixels.height;
  return {
    ...pixels,
    data: pixels.data.map((value, index) => {
      const pixel = Math.floor(index / pixels.channels);
      const picture = Math.floor(pixel / size) % mask.batch;
      return (value - 0.5) * (1 - Math.round(mask.data[picture * size + (pixel % size)]!)) + 0.5;
    }),
  };
}

/** Pictures and a mask of their size, both cut to whole cells. */
function fitTogether(pixels: ImageBatch, mask: MaskBatch): { pixels: ImageBatch; mask: ImageBatch } {
  const fitted = resample({ ...mask, channels: 1 }, pixels.width, pixels.height, 'bilinear');
  return { pixels: cropToCells(pixels), mask: cropToCells(fitted) };
}

interface EncodeForInpaintInputs {
  pixels: ImageBatch;
  vae: Checkpoint;
  mask: MaskBatch;
  grow_mask_by: number;
}

export const vaeEncodeForInpaint: NodeClass = {
  name: 'VAEEncodeForInpaint',
  displayName: 'VAE Encode (for Inpainting)',
  category: 'latent/inpaint',
  pythonModule: 'nodes',
  input: () => ({
    pixels: ['IMAGE'],
    vae: ['VAE'],
    mask: ['MASK'],
    grow_mask_by: ['INT', { default: 6, min: 0, max: 64, step: 1 }],
  }),
  output: ['LATENT'],
  async run(inputs: EncodeForInpaintInputs, { inference }) {
    const { pixels, mask } = fitTogether(inputs.pixels, inputs.mask);
    const latent = await encode(inputs.vae, greyOut(pixels, mask), inference);
    const noiseMask = rounded(growMask(rounded(mask), inputs.grow_mask_by));
    return { outputs: [{ ...latent, noiseMask }] };
  },
};

interface InpaintConditioningInputs {
  positive: Conditioning;
  negative: Conditioning;
  vae: Checkpoint;
  pixels: ImageBatch;
  mask: MaskBatch;
  noise_mask: boolean;
}

export const inpaintModelConditioning: NodeClass = {
  name: 'InpaintModelConditioning',
  displayName: 'InpaintModelConditioning',
  category: 'conditioning/inpaint',
  pythonModule: 'nodes',
  input: () => ({
    positive: ['CONDITIONING'],
    negative: ['CONDITIONING'],
    vae: ['VAE'],
    pixels: ['IMAGE'],
    mask: ['MASK'],
    noise_mask: [
      'BOOLEAN',
      {
        default: true,
        tooltip:
          'Add a noise mask to the latent so sampling will only happen within the mask. Might improve results or completely break things depending on the model.',
      },
    ],
  }),
  output: ['CONDITIONING', 'CONDITIONING', 'LATENT'],
  outputNames: ['positive', 'negative', 'latent'],
  // the masked picture beside the prompt is for inpainting models; like any other model, ours does not look at it
  async run({ positive, negative, vae, noise_mask, ...inputs }: InpaintConditioningInputs, { inference }) {
    const { pixels, mask } = fitTogether(inputs.pixels, inputs.mask);
    const latent = await encode(vae, pixels, inference);
    return { outputs: [positive, negative, { ...latent, ...(noise_mask && { noiseMask: mask }) }] };
  },
};
