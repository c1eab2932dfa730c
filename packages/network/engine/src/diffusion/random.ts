import { mersenne } from 'pure-rand/generator/mersenne';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A source of normally distributed numbers. */
export type Noise = (count: number) => Float32Array;

/**
 * The numbers that ComfyUI draws for a seed: torch's CPU generator, a Mersenne Twister whose 24-bit fractions go through
 * Box and Muller's formula in blocks of sixteen. Equal to torch's up to the rounding of logarithm and cosine.
 *
 * @param seed - its lower 32 bits count, as in torch
 * @returns a function that draws the given count of numbers, at least sixteen
 */
export function createNoise(seed: number): Noise {
  const generator = mersenne((seed % 2 ** 32) | 0);
  return (count) => {
    const values = Float32Array.from({ length: count }, () => uniform(generator));
    for (let start = 0; start + 16 <= count; start += 16) toNormal(values, start);
    // the numbers that fill no block: the last sixteen are drawn anew
    if (count % 16) {
      for (let index = count - 16; index < count; index++) values[index] = uniform(generator);
      toNormal(values, count - 16);
    }
    return values;
  };
}

function uniform(generator: RandomGenerator): number {
  return (generator.next() & 0xffffff) / 2 ** 24;
}

/** Sixteen even numbers become sixteen normal ones: eight radii, eight angles. */
function toNormal(values: Float32Array, start: number): void {
  for (let index = start; index < start + 8; index++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[index]!));
    const angle = 2 * Math.PI * values[index + 8]!;
    values[index] = radius * Math.cos(angle);
    values[index + 8] = radius * Math.sin(angle);
  }
}
