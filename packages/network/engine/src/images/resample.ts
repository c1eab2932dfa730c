import { createImage, cropImage, type ImageBatch } from './image.ts';

/** ComfyUI's `upscale_method`s. */
export const RESAMPLE_METHODS = ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'] as const;
export type ResampleMethod = (typeof RESAMPLE_METHODS)[number];

/** For one output position: the first input position, and the weight of it and its followers. */
interface Taps {
  start: number;
  weights: Float64Array;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Cubic convolution with a = -0.75, the value of torch's bicubic. */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

// torch's interpolate does not widen the kernel when it shrinks; Pillow's lanczos does
const kernels = {
  bilinear: { radius: 1, widens: false, weigh: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, widens: false, weigh: cubic },
  lanczos: { radius: 3, widens: true, weigh: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Resizes every picture of a batch. The methods give what ComfyUI's give, to rounding. */
export function resample(image: ImageBatch, width: number, height: number, method: ResampleMethod): ImageBatch {
  if (image.width === width && image.height === height) return image;
  return resampleRows(resampleColumns(image, width, method), height, method);
}

/**
 * Resizes like ComfyUI's `common_upscale`.
 *
 * @param crop - `center` cuts the pictures to the new proportions first
 */
export function resizeImage(
  image: ImageBatch,
  width: number,
  height: number,
  method: ResampleMethod,
  crop: 'disabled' | 'center',
): ImageBatch {
  return resample(crop === 'center' ? cropToRatio(image, width / height) : image, width, height, method);
}

function cropToRatio(image: ImageBatch, ratio: number): ImageBatch {
  const old = image.width / image.height;
  const x = old > ratio ? Math.round((image.width - image.width * (ratio / old)) / 2) : 0;
  const y = old < ratio ? Math.round((image.height - image.height * (old / ratio)) / 2) : 0;
  return cropImage(image, x, y, image.width - 2 * x, image.height - 2 * y);
}

function resampleColumns(image: ImageBatch, width: number, method: ResampleMethod): ImageBatch {
  const { channels } = image;
  const result = createImage(image.batch, image.height, width, channels);
  const taps = computeTaps(image.width, width, method);
  for (let row = 0; row < image.batch * image.height; row++)
    for (let x = 0; x < width; x++) {
      const { start, weights } = taps[x]!;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        let from = (row * image.width + start) * channels + channel;
        for (let tap = 0; tap < weights.length; tap++, from += channels) sum += weights[tap]! * image.data[from]!;
        result.data[(row * width + x) * channels + channel] = sum;
      }
    }
  return result;
}

function resampleRows(image: ImageBatch, height: number, method: ResampleMethod): ImageBatch {
  const rowSize = image.width * image.channels;
  const result = createImage(image.batch, height, image.width, image.channels);
  const taps = computeTaps(image.height, height, method);
  for (let picture = 0; picture < image.batch; picture++)
    for (let y = 0; y < height; y++) {
      const { start, weights } = taps[y]!;
      const to = (picture * height + y) * rowSize;
      for (let tap = 0; tap < weights.length; tap++) {
        const weight = weights[tap]!;
        const from = (picture * image.height + start + tap) * rowSize;
        for (let index = 0; index < rowSize; index++) result.data[to + index]! += weight * image.data[from + index]!;
      }
    }
  return result;
}

function computeTaps(from: number, to: number, method: ResampleMethod): Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, position) => {
    if (method === 'nearest-exact')
      return { start: Math.min(from - 1, Math.floor((position + 0.5) * scale)), weights: Float64Array.of(1) };
    if (method === 'area') return areaTaps(position, from, to);
    return kernelTaps((position + 0.5) * scale, scale, from, kernels[method]);
  });
}

/** torch's adaptive average: whole input positions, each with the same weight. */
function areaTaps(position: number, from: number, to: number): Taps {
  const start = Math.floor((position * from) / to);
  const end = Math.ceil(((position + 1) * from) / to);
  return { start, weights: new Float64Array(end - start).fill(1 / (end - start)) };
}

function kernelTaps(
  center: number,
  scale: number,
  from: number,
  { radius, widens, weigh }: (typeof kernels)['bilinear'],
): Taps {
  const stretch = widens ? Math.max(1, scale) : 1;
  const first = Math.ceil(center - 0.5 - radius * stretch);
  const last = Math.floor(center - 0.5 + radius * stretch);
  const start = Math.max(0, first);
  const weights = new Float64Array(Math.min(from - 1, last) - start + 1);
  let sum = 0;
  for (let position = first; position <= last; position++) {
    const weight = weigh((position + 0.5 - center) / stretch);
    // at the edge torch repeats the last pixel, Pillow leaves out what is not there
    if (widens && (position < 0 || position >= from)) continue;
    weights[Math.min(from - 1, Math.max(0, position)) - start]! += weight;
    sum += weight;
  }
  return { start, weights: weights.map((weight) => weight / sum) };
}
