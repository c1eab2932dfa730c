/** A picture of the wall on the first page. */
export interface SampleOrder {
  prompt: string;
  seed: number;
  /** Whether it is enlarged after it was drawn. */
  isEnlarged?: boolean;
}

/** What the wall shows: things that the model of a local network draws well. The same seeds give the same pictures again. */
export const orders: readonly SampleOrder[] = [
  { prompt: 'a rocket on a yellow background', seed: 0, isEnlarged: true },
  { prompt: 'a fox on a blue background', seed: 0 },
  { prompt: 'a sunflower on a purple background', seed: 0 },
  { prompt: 'a castle on a pink background', seed: 0 },
  { prompt: 'an owl on a purple background', seed: 0, isEnlarged: true },
  { prompt: 'hamburger on a green background', seed: 0 },
  { prompt: 'red apple on a blue background', seed: 2 },
  { prompt: 'a parrot on a pink background', seed: 0 },
  { prompt: 'a penguin on a yellow background', seed: 0 },
  { prompt: 'panda on a green background', seed: 1 },
  { prompt: 'unicorn on a blue background', seed: 0 },
  { prompt: 'a cactus on an orange background', seed: 0 },
  { prompt: 'a robot on a purple background', seed: 3 },
  { prompt: 'an avocado on a pink background', seed: 2 },
  { prompt: 'mushroom on a green background', seed: 1, isEnlarged: true },
  { prompt: 'blue butterfly on a yellow background', seed: 0 },
  { prompt: 'a donut on a blue background', seed: 0 },
  { prompt: 'a ghost on a purple background', seed: 0 },
  { prompt: 'a strawberry on a green background', seed: 0 },
  { prompt: 'a tulip on a yellow background', seed: 3 },
  { prompt: 'watermelon on a pink background', seed: 0 },
  { prompt: 'a cupcake on a purple background', seed: 0 },
  { prompt: 'a lion on a purple background', seed: 0 },
];
