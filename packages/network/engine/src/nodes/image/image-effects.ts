import { createImage, type ImageBatch, mapValues, withChannels } from '../../images/image.ts';
import { resizeImage } from '../../images/resample.ts';
import type { NodeClass } from '../node-class.ts';

/** What each blend mode makes of two values from 0 to 1. */
const blendModes: Record<string, (a: number, b: number) => number> = {
  normal: (_, b) => b,
  multiply: (a, b) => a * b,
  screen: (a, b) => 1 - (1 - a) * (1 - b),
  overlay: (a, b) => (a <= 0.5 ? 2 * a * b : 1 - 2 * (1 - a) * (1 - b)),
  soft_light: (a, b) => (b <= 0.5 ? a - (1 - 2 * b) * a * (1 - a) : a + (2 * b - 1) * (softLightCurve(a) - a)),
  difference: (a, b) => a - b,
};

function softLightCurve(a: number): number {
  return a <= 0.25 ? ((16 * a - 12) * a + 4) * a : Math.sqrt(a);
}

interface BlendInputs {
  image1: ImageBatch;
  image2: ImageBatch;
  blend_factor: number;
  blend_mode: string;
}

export const imageBlend: NodeClass = {
  name: 'ImageBlend',
  displayName: null,
  category: 'image/postprocessing',
  pythonModule: 'comfy_extras.nodes_post_processing',
  isV3: true,
  input: () => ({
    image1: ['IMAGE', {}],
    image2: ['IMAGE', {}],
    blend_factor: ['FLOAT', { default: 0.5, min: 0, max: 1, step: 0.01 }],
    blend_mode: ['COMBO', { multiselect: false, options: Object.keys(blendModes) }],
  }),
  output: ['IMAGE'],
  run({ image1, image2, blend_factor, blend_mode }: BlendInputs) {
    const blend = blendModes[blend_mode];
    if (!blend) throw new Error(`Unsupported blend mode: ${blend_mode}`);
    const channels = Math.min(image1.channels, image2.channels);
    const below = withChannels(image1, channels);
    const above = resizeImage(withChannels(image2, channels), below.width, below.height, 'bicubic', 'center');
    const mixed = mapValues(below, (a, index) => {
      const value = a * (1 - blend_factor) + blend(a, above.data[index % above.data.length]!) * blend_factor;
      return Math.min(1, Math.max(0, value));
    });
    return { outputs: [mixed] };
  },
};

export const imageBlur: NodeClass = {
  name: 'ImageBlur',
  displayName: null,
  category: 'image/postprocessing',
  pythonModule: 'comfy_extras.nodes_post_processing',
  isV3: true,
  input: () => ({
    image: ['IMAGE', {}],
    blur_radius: ['INT', { default: 1, min: 1, max: 31, step: 1 }],
    sigma: ['FLOAT', { default: 1.0, min: 0.1, max: 10.0, step: 0.1 }],
  }),
  output: ['IMAGE'],
  run({ image, blur_radius, sigma }: { image: ImageBatch; blur_radius: number; sigma: number }) {
    const kernel = gaussian(blur_radius, sigma);
    const across = blurLines(image, kernel, image.width, image.channels);
    return { outputs: [blurLines(across, kernel, image.height, image.width * image.channels)] };
  },
};

/** A normalised Gaussian; like ComfyUI's, it is laid over -1..1 whatever the radius. */
function gaussian(radius: number, sigma: number): number[] {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, index) => {
    const distance = (index - radius) / radius;
    return Math.exp(-(distance ** 2) / (2 * sigma ** 2));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Blurs along one axis: lines of `length` values, `stride` apart; the edges are mirrored. */
function blurLines(image: ImageBatch, kernel: number[], length: number, stride: number): ImageBatch {
  const result = createImage(image.batch, image.height, image.width, image.channels);
  const radius = (kernel.length - 1) / 2;
  const block = length * stride;
  for (let start = 0; start < image.data.length; start += block)
    for (let position = 0; position < length; position++)
      for (let tap = -radius; tap <= radius; tap++) {
        const weight = kernel[tap + radius]!;
        const from = start + mirror(position + tap, length) * stride;
        const to = start + position * stride;
        for (let index = 0; index < stride; index++) result.data[to + index]! += weight * image.data[from + index]!;
      }
  return result;
}

/** An index beyond an edge, reflected at the edge pixel (torch's `reflect`). */
function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}
