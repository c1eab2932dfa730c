import { describe, expect, test } from 'vitest';
import { findWords } from './find-words.ts';
import { createNoise } from './random.ts';
import { runSampler, SAMPLERS, type SamplerName } from './samplers.ts';
import { planSigmas, SCHEDULERS } from './schedules.ts';

const rounded = (values: Iterable<number>, digits = 6) => [...values].map((value) => Number(value.toFixed(digits)));

describe('noise is that of ComfyUI', () => {
  // torch 2.15: torch.randn(n, generator=torch.Generator().manual_seed(seed)), first and last four and the sum
  test.each([
    [0, 16, [-1.12584, -1.15236, -0.250579, -0.433879], [0.119842, 1.237658, 1.116777, -0.247278], -1.909114],
    [7, 32, [-0.820135, 0.395631, 0.898908, -1.388404], [-2.061478, 0.674101, -1.323346, -1.35977], -6.189487],
    [123456789012, 20, [-0.35336, -0.263496, -1.373362, -3.360671], [1.073344, 1.10371, 0.236547, 0.107597], -0.70626],
    [
      2 ** 53 - 1,
      3072,
      [-2.664298, -1.091048, 0.451447, 0.228361],
      [-0.727112, 0.4007, 0.471283, -1.404141],
      53.803799,
    ],
  ])('seed %i, %i numbers', (seed, count, first, last, sum) => {
    const values = createNoise(seed)(count);
    for (const [index, value] of [...first, ...last].entries())
      expect(values.at(index < 4 ? index : index - 8)).toBeCloseTo(value, 5);
    expect(values.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 3);
  });

  test('a second draw goes on', () => {
    const noise = createNoise(1);
    expect(noise(16)).not.toEqual(noise(16));
  });
});

describe('schedules', () => {
  test.each([
    ['simple', [1, 0.75, 0.5, 0.25, 0]],
    ['sgm_uniform', [1, 0.75025, 0.5005, 0.25075, 0]],
    ['normal', [1, 0.667, 0.334, 0.001, 0]],
    // k-diffusion 0.1.1: get_sigmas_karras and get_sigmas_exponential from 0.001 to 1, for five steps
    ['karras', [1, 0.303024, 0.071771, 0.01168, 0.001, 0]],
    ['exponential', [1, 0.177828, 0.031623, 0.005623, 0.001, 0]],
  ] as const)('%s', (scheduler, expected) => {
    expect(rounded(planSigmas(scheduler, expected.length - 1, 1))).toEqual(expected);
  });

  test('a shift bends them: 2t / (1 + t)', () => {
    expect(rounded(planSigmas('simple', 4, 2))).toEqual([1, 0.857143, 0.666667, 0.4, 0]);
  });

  test.each(SCHEDULERS)('%s falls from 1 to 0, in as many steps as asked, also in one', (scheduler) => {
    for (const steps of [1, 2, 7, 150]) {
      const sigmas = planSigmas(scheduler, steps, 1.5);
      expect([sigmas[0], sigmas.length, sigmas.at(-1)]).toEqual([1, steps + 1, 0]);
      for (const [index, sigma] of sigmas.slice(1).entries()) expect(sigma).toBeLessThan(sigmas[index]!);
    }
  });

  test('denoise takes the end of a longer schedule', () => {
    expect(planSigmas('simple', 4, 1, 0.5)).toEqual(planSigmas('simple', 8, 1).slice(-5));
    expect(planSigmas('simple', 4, 1, 0)).toEqual([]);
  });
});

/** Pictures of which each number is drawn from a normal distribution: what is seen in noise has a closed form. */
const [mean, deviation] = [0.7, 0.3];
const see = async (x: Float32Array, sigma: number) => {
  const kept = 1 - sigma;
  const gain = (deviation ** 2 * kept) / (kept ** 2 * deviation ** 2 + sigma ** 2);
  return x.map((value) => mean + gain * (value - kept * mean));
};

async function sample(name: SamplerName, start: Float32Array, sigmas: readonly number[]) {
  return await runSampler(name, { denoise: see, x: start, sigmas, noise: createNoise(9), onStep: async () => {} });
}

describe('samplers', () => {
  const start = Float32Array.of(-1.5, -0.2, 0.4, 2);
  const sigmas = [1, 0.8, 0.55, 0.3, 0.1, 0];

  // k-diffusion 0.1.1 (Crowson's code, which ComfyUI's is made from) with the same pictures, start and noise levels
  test.each([
    ['euler', [0.38182, 0.657576, 0.784848, 1.124239]],
    ['ddim', [0.38182, 0.657576, 0.784848, 1.124239]],
    ['heun', [0.248777, 0.639837, 0.820326, 1.301631]],
    ['dpmpp_2m', [0.275831, 0.643444, 0.813112, 1.265558]],
  ] as const)('%s gives the numbers of k-diffusion', async (name, expected) => {
    const result = await sample(name, start, sigmas);
    for (const [index, value] of expected.entries()) expect(result[index]).toBeCloseTo(value, 5);
  });

  // the flow carries noise z to mean + deviation z
  const error = async (name: SamplerName, steps: number) => {
    const result = await sample(name, start, planSigmas('simple', steps, 1));
    return Math.max(...result.map((value, index) => Math.abs(value - mean - deviation * start[index]!)));
  };

  test.each([
    ['euler', 1.7],
    ['ddim', 1.7],
    ['heun', 3.5],
    // of second order but for its first and last step
    ['dpmpp_2m', 2.7],
  ] as const)('%s comes to the exact answer: twice the steps, an error over %d times smaller', async (name, factor) => {
    const [coarse, fine] = [await error(name, 50), await error(name, 100)];
    expect(fine).toBeLessThan(0.02);
    expect(coarse / fine).toBeGreaterThan(factor);
  });

  test('euler_ancestral forgets its start, and keeps the distribution', async () => {
    const count = 20_000;
    const result = await sample('euler_ancestral', createNoise(3)(count), planSigmas('simple', 100, 1));
    const found = result.reduce((sum, value) => sum + value, 0) / count;
    const spread = Math.sqrt(result.reduce((sum, value) => sum + (value - found) ** 2, 0) / count);
    expect(found).toBeCloseTo(mean, 1);
    expect(Math.abs(spread - deviation)).toBeLessThan(0.02);
    const again = await sample('euler_ancestral', createNoise(4)(count), planSigmas('simple', 100, 1));
    // same noise on the way, another start: nearly the same end
    expect(Math.max(...again.map((value, index) => Math.abs(value - result[index]!)))).toBeLessThan(0.2);
  });

  test.each(SAMPLERS)('%s in one step gives what is seen in pure noise', async (name) => {
    expect(rounded(await sample(name, start, [1, 0]), 5)).toEqual([mean, mean, mean, mean]);
  });
});

describe('words', () => {
  const vocabulary = {
    words: { red: 1, apple: 2, car: 3, on: 4, face: 5 },
    aliases: { automobile: 'car', '🍎': 'red apple', crimson: 'red' },
  };

  test.each([
    ['Red APPLE!', [1, 2], []],
    ['two apples, and cars', [2, 3], ['two', 'and']],
    ['a crimson automobile', [1, 3], ['a']],
    ['🍎 on 🚗', [1, 2, 4], ['🚗']],
    ['красное яблоко', [], ['красное', 'яблоко']],
    ['constructor __proto__ toString', [], ['constructor', 'proto', 'tostring']],
    ['', [], []],
    ['   \n\t ', [], []],
  ])('%j', (prompt, ids, unknown) => {
    expect(findWords(prompt, vocabulary)).toEqual({ ids, unknown });
  });

  test('a very long prompt is cut', () => {
    expect(findWords('apple '.repeat(100_000), vocabulary).ids.length).toBeLessThan(400);
  });
});
