import type { Inference } from '../inference/inference.ts';
import { type Checkpoint, runNetwork } from './checkpoint.ts';
import { CELL, createLatent, type LatentBatch, spreadMask } from './latent.ts';
import { createNoise } from './random.ts';
import { type Denoise, runSampler, type SamplerName } from './samplers.ts';

/** ComfyUI's CONDITIONING: encoded prompts, which act together. */
export type Conditioning = Float32Array[];

/** Larger batches are refused: they would take minutes, and the noise of all pictures is in memory. */
const LARGEST_BATCH = 64;
/** How many pictures go through the network in one call. */
const ROWS = 16;

/** How to sample. */
export interface SampleOptions {
  checkpoint: Checkpoint;
  positive: Conditioning;
  negative: Conditioning;
  latent: LatentBatch;
  seed: number;
  /** How far the prediction is moved from that of the negative prompt to that of the positive one, and beyond. */
  cfg: number;
  sampler: SamplerName;
  /** Noise levels, falling; none changes nothing. */
  sigmas: readonly number[];
  /** `false` when the latent comes with noise from another sampler. */
  addNoise: boolean;
  inference: Inference;
  /** Called after each step with the clean latents as seen so far. Throws to stop. */
  onStep(step: number, denoised: LatentBatch): Promise<void>;
}

/**
 * Takes the noise out of latents, as ComfyUI's KSampler does for a flow model.
 *
 * @throws if the model does not draw pictures of this size, or if there are too many of them
 */
export async function sampleLatent(options: SampleOptions): Promise<LatentBatch> {
  const { checkpoint, sampler, sigmas, seed, addNoise, onStep } = options;
  const latent = checkLatent(options.latent, checkpoint);
  const [first = 0] = sigmas;
  const last = sigmas.at(-1) ?? 0;
  if (sigmas.length < 2) return latent;
  const noise = addNoise ? createNoise(seed)(latent.data.length) : new Float32Array(latent.data.length);
  // a latent that another sampler left half way is scaled down by what that one had gone
  const x = latent.data.map((value, index) => (1 - first) * value + first * noise[index]!);
  const denoise = keepUnmasked(predict({ ...options, latent }), latent, maskNoise(options, noise));
  const data = await runSampler(sampler, {
    denoise,
    x,
    sigmas,
    // the seed after the first: the added noise must not repeat that of the start
    noise: createNoise(seed + 1),
    onStep: (step, denoised) => onStep(step, { ...latent, data: denoised }),
  });
  // what stays unfinished is stored as if it had no noise level, for the next sampler to scale
  return { ...latent, data: last ? data.map((value) => value / (1 - last)) : data };
}

/** The latent with the model's channels, if the model can draw it. */
function checkLatent(latent: LatentBatch, { name, channels, width, height }: Checkpoint): LatentBatch {
  const size = `${latent.width * CELL}x${latent.height * CELL}`;
  if (latent.width * CELL !== width || latent.height * CELL !== height)
    throw new Error(
      `${name} draws pictures of ${width}x${height} pixels only, but this latent is for ${size}. Set the width and height of the latent, or of the encoded picture, to ${width} and ${height}.`,
    );
  if (latent.batch > LARGEST_BATCH)
    throw new Error(`A batch of ${latent.batch} pictures is too large: this engine handles up to ${LARGEST_BATCH}.`);
  if (latent.channels === channels) return latent;
  // EmptyLatentImage does not know the model
  if (latent.data.some((value) => value !== 0))
    throw new Error(`${name} needs a latent with ${channels} channels (got ${latent.channels}, from another model).`);
  const empty = createLatent(latent.batch, channels, latent.height, latent.width);
  return { ...empty, ...(latent.noiseMask && { noiseMask: latent.noiseMask }) };
}

/** ComfyUI's ddim puts fresh noise on what stays; the others that of the start. */
function maskNoise({ sampler, seed }: SampleOptions, noise: Float32Array): Float32Array {
  return sampler === 'ddim' ? createNoise(seed + 1)(noise.length) : noise;
}

/** What the mask leaves alone goes in with the right noise and comes out as it was. */
function keepUnmasked(denoise: Denoise, latent: LatentBatch, noise: Float32Array): Denoise {
  if (!latent.noiseMask) return denoise;
  const mask = spreadMask(latent.noiseMask, latent);
  return async (x, sigma) => {
    const inside = x.map(
      (value, index) =>
        value * mask[index]! + ((1 - sigma) * latent.data[index]! + sigma * noise[index]!) * (1 - mask[index]!),
    );
    return blend(await denoise(inside, sigma), latent.data, mask);
  };
}

function blend(changed: Float32Array, kept: Float32Array, mask: Float32Array): Float32Array {
  return changed.map((value, index) => value * mask[index]! + kept[index]! * (1 - mask[index]!));
}

/** A picture of the batch as one prompt sees it, and how much that counts. */
interface Row {
  picture: number;
  prompt: Float32Array;
  weight: number;
}

/** Classifier-free guidance: the mean of the negative prompts' pictures, and from there towards the positive ones'. */
function predict({ checkpoint, positive, negative, latent, cfg, inference }: SampleOptions): Denoise {
  const size = latent.data.length / latent.batch;
  const prompts = [
    ...positive.map((prompt) => ({ prompt, weight: cfg / positive.length })),
    // at 1 the negative prompt has no effect, and is not computed
    ...(cfg === 1 ? [] : negative.map((prompt) => ({ prompt, weight: (1 - cfg) / negative.length }))),
  ];
  const rows = Array.from({ length: latent.batch }, (_, picture) => prompts.map((row) => ({ ...row, picture }))).flat();
  return async (x, sigma) => {
    const result = new Float32Array(x.length);
    for (let start = 0; start < rows.length; start += ROWS) {
      const chunk = rows.slice(start, start + ROWS);
      const seen = await runDenoiser(chunk, x, sigma);
      for (const [index, { picture, weight }] of chunk.entries())
        for (let value = 0; value < size; value++)
          result[picture * size + value]! += weight * seen[index * size + value]!;
    }
    return result;
  };

  async function runDenoiser(chunk: Row[], x: Float32Array, sigma: number): Promise<Float32Array> {
    const count = chunk.length;
    const noisy = new Float32Array(count * size);
    const width = chunk[0]!.prompt.length;
    const prompt = new Float32Array(count * width);
    for (const [index, row] of chunk.entries()) {
      noisy.set(x.subarray(row.picture * size, (row.picture + 1) * size), index * size);
      prompt.set(row.prompt, index * width);
    }
    const inputs = [
      { data: noisy, dims: [count, latent.channels, latent.height, latent.width] },
      { data: new Float32Array(count).fill(sigma), dims: [count] },
      { data: prompt, dims: [count, width] },
    ];
    return (await runNetwork(checkpoint, 'denoiser', inputs, inference)).data as Float32Array;
  }
}
