import { createRandom, type Random } from '@heurist/test-servers/random';

/** A task that arrives: when, in milliseconds, and the number of its model. */
export interface Arrival {
  at: number;
  model: number;
}

/** How often each model is asked for, by Zipf's law: the second half as often as the first, the third a third as often. */
export function zipf(models: number): number[] {
  const weights = Array.from({ length: models }, (_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Picks a model by popularity. */
export function createPicker(shares: readonly number[], random: Random): () => number {
  let sum = 0;
  const upTo = shares.map((share) => (sum += share));
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (drawn < upTo[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Tasks that arrive by chance, without end. `rate`: how many a millisecond in the mean; if it is infinite, all arrive at once. */
export function* poisson(models: number, rate: number, seed: number): Generator<Arrival, never> {
  const random = createRandom(seed);
  const pickModel = createPicker(zipf(models), random);
  for (let at = 0; ; ) {
    at += -Math.log(1 - random()) / rate;
    yield { at, model: pickModel() };
  }
}
