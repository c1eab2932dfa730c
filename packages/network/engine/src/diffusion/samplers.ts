// Ways from noise to a picture, for rectified-flow models (x = (1 - sigma) picture + sigma noise), with ComfyUI's names.
// euler, heun: Karras et al. 2022, algorithm 1 without churn. dpmpp_2m: Lu et al. 2022 (DPM-Solver++), algorithm 2.
// euler_ancestral: the form for flow models, which keeps (1 - sigma) and sigma in step. ddim: a step of Euler's here.
import type { Noise } from './random.ts';

/** ComfyUI's `sampler_name`s, in its order. */
export const SAMPLERS = ['euler', 'euler_ancestral', 'heun', 'dpmpp_2m', 'ddim'] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** The clean picture that the model sees in a noisy one. */
export type Denoise = (x: Float32Array, sigma: number) => Promise<Float32Array>;

/** What a sampler works with. */
export interface SamplerRun {
  denoise: Denoise;
  /** The noisy latent that it starts from. */
  x: Float32Array;
  /** Noise levels, falling. */
  sigmas: readonly number[];
  /** Fresh noise, for the sampler that adds some. */
  noise: Noise;
  /** Called after each step with the clean picture as seen so far. */
  onStep(step: number, denoised: Float32Array): Promise<void>;
}

/** From one noise level to the next. */
interface Step {
  x: Float32Array;
  sigma: number;
  next: number;
  denoised: Float32Array;
}

type Advance = (step: Step, run: SamplerRun) => Float32Array | Promise<Float32Array>;

/** Mixes two latents, number by number. */
function mix(a: Float32Array, weightA: number, b: Float32Array, weightB: number): Float32Array {
  return a.map((value, index) => value * weightA + b[index]! * weightB);
}

/** Along the straight line to what is seen: the step of Euler's method, of DDIM, and the first of all others. */
function straight({ x, sigma, next, denoised }: Step): Float32Array {
  return mix(x, next / sigma, denoised, 1 - next / sigma);
}

/** Goes a little further down than asked, and comes back up by fresh noise. */
const ancestral: Advance = ({ x, sigma, next, denoised }, { noise }) => {
  if (next === 0) return denoised;
  const down = next * (next / sigma);
  const scale = (1 - next) / (1 - down);
  const lower = straight({ x, sigma, next: down, denoised });
  return mix(lower, scale, noise(x.length), Math.sqrt(Math.max(0, next ** 2 - (down * scale) ** 2)));
};

/** The mean of the slopes at both ends of the step. */
const heun: Advance = async (step, { denoise }) => {
  const { x, sigma, next, denoised } = step;
  const there = straight(step);
  if (next === 0) return there;
  const seen = await denoise(there, next);
  const half = (next - sigma) / 2;
  return x.map((value, index) => {
    const slope = (value - denoised[index]!) / sigma + (there[index]! - seen[index]!) / next;
    return value + slope * half;
  });
};

/** Extrapolates what is seen from the last two steps, on the scale of the logarithm of sigma. */
function multistep(): Advance {
  let last: { sigma: number; denoised: Float32Array } | undefined;
  return (step) => {
    const { sigma, next, denoised } = step;
    const ratio = last && next > 0 ? Math.log(last.sigma / sigma) / Math.log(sigma / next) : undefined;
    const ahead = last && ratio ? mix(denoised, 1 + 1 / (2 * ratio), last.denoised, -1 / (2 * ratio)) : denoised;
    last = { sigma, denoised };
    return straight({ ...step, denoised: ahead });
  };
}

const samplers: Record<SamplerName, () => Advance> = {
  euler: () => straight,
  euler_ancestral: () => ancestral,
  heun: () => heun,
  dpmpp_2m: multistep,
  ddim: () => straight,
};

/** Goes through all noise levels. */
export async function runSampler(name: SamplerName, run: SamplerRun): Promise<Float32Array> {
  const advance = samplers[name]();
  let { x } = run;
  for (const [index, sigma] of run.sigmas.slice(0, -1).entries()) {
    const denoised = await run.denoise(x, sigma);
    x = await advance({ x, sigma, next: run.sigmas[index + 1]!, denoised }, run);
    await run.onStep(index + 1, denoised);
  }
  return x;
}
