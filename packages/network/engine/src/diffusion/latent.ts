import { createImage, type ImageBatch, type MaskBatch } from '../images/image.ts';
import { resample } from '../images/resample.ts';
import type { Tensor } from '../inference/tensor.ts';

/** ComfyUI's LATENT: `[batch, channels, height, width]`. */
export interface LatentBatch {
  batch: number;
  channels: number;
  height: number;
  width: number;
  data: Float32Array;
  /** Where sampling may change something: 1; 0 stays. Default: everywhere. Of any size. */
  noiseMask?: MaskBatch;
}

/** Pixels to a side of a latent's cell, as `EmptyLatentImage` has it for every model. */
export const CELL = 8;

/** An empty latent, for pictures of this size. */
export function createLatent(batch: number, channels: number, height: number, width: number): LatentBatch {
  return { batch, channels, height, width, data: new Float32Array(batch * channels * height * width) };
}

/** `count` latents of which the given ones are repeated in turn. */
export function repeatLatent(latent: LatentBatch, count: number): LatentBatch {
  const size = latent.channels * latent.height * latent.width;
  const data = new Float32Array(count * size);
  for (let index = 0; index < count; index++) {
    const from = (index % latent.batch) * size;
    data.set(latent.data.subarray(from, from + size), index * size);
  }
  return { ...latent, batch: count, data };
}

/** Resizes each channel like a picture. */
export function resizeLatent(latent: LatentBatch, resize: (planes: ImageBatch) => ImageBatch): LatentBatch {
  const { data, width, height } = resize({ ...latent, batch: latent.batch * latent.channels, channels: 1 });
  return { ...latent, width, height, data };
}

/** A mask with one value for each number of a latent. */
export function spreadMask(mask: MaskBatch, latent: LatentBatch): Float32Array {
  const { width, height, channels, batch } = latent;
  const planes = resample({ ...mask, channels: 1 }, width, height, 'bilinear');
  const values = new Float32Array(latent.data.length);
  const size = width * height;
  for (let plane = 0; plane < batch * channels; plane++) {
    const from = (Math.floor(plane / channels) % mask.batch) * size;
    values.set(planes.data.subarray(from, from + size), plane * size);
  }
  return values;
}

/** One picture of a batch, as networks take it. */
export function latentTensor({ channels, height, width, data }: LatentBatch, index: number): Tensor {
  const size = channels * height * width;
  return { data: data.slice(index * size, (index + 1) * size), dims: [1, channels, height, width] };
}

/** Planes `[batch, 3, height, width]`, as networks give them, to a batch of pictures; cut to 0 to 1. */
export function planesToImage({ data, dims }: Tensor): ImageBatch {
  const [batch, , height, width] = dims as [number, number, number, number];
  const image = createImage(batch, height, width, 3);
  const size = height * width;
  for (let index = 0; index < batch; index++)
    for (let plane = 0; plane < 3; plane++)
      for (let pixel = 0; pixel < size; pixel++)
        image.data[(index * size + pixel) * 3 + plane] = Math.min(
          1,
          Math.max(0, data[(index * 3 + plane) * size + pixel]!),
        );
  return image;
}

/** A batch of pictures as planes `[batch, 3, height, width]`. */
export function imageToPlanes({ batch, height, width, channels, data }: ImageBatch): Tensor {
  const size = height * width;
  const planes = new Float32Array(batch * 3 * size);
  for (let index = 0; index < batch; index++)
    for (let plane = 0; plane < 3; plane++)
      for (let pixel = 0; pixel < size; pixel++)
        planes[(index * 3 + plane) * size + pixel] = data[(index * size + pixel) * channels + plane]!;
  return { data: planes, dims: [batch, 3, height, width] };
}
