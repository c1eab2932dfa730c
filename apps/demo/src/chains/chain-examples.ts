import type { TaskOptions } from '../../shared/api.ts';

/** A chain to begin with. */
export interface ChainExample {
  name: string;
  /** What it does, in a sentence. */
  about: string;
  prompt: string;
  steps: readonly { family: string; options?: TaskOptions }[];
  /** Pictures of its steps, below `/samples/`. */
  pictures: readonly string[];
}

/** What the model of a local network does well. */
export const CHAIN_EXAMPLES: readonly ChainExample[] = [
  {
    name: 'Draw and upscale',
    about: 'Your words become a picture, and the picture four times as large.',
    prompt: 'a rocket on a yellow background',
    steps: [{ family: 'text2image' }, { family: 'upscaler' }],
    pictures: ['chain-draw-1.webp', 'chain-draw-2.webp'],
  },
  {
    name: 'Draw, repaint a part, upscale',
    about: 'You paint over a part of the picture: only that is made anew, from words of its own.',
    prompt: 'a castle on a pink background',
    steps: [
      { family: 'text2image' },
      { family: 'inpaint', options: { prompt: 'red heart on a pink background' } },
      { family: 'upscaler' },
    ],
    pictures: ['chain-repaint-1.webp', 'chain-repaint-2.webp', 'chain-repaint-3.webp'],
  },
  {
    name: 'Your picture in another style',
    about: 'A picture of yours is drawn anew from your words, and made larger.',
    prompt: 'a fox on a blue background',
    steps: [{ family: 'image2image' }, { family: 'upscaler' }],
    pictures: ['chain-restyle-1.webp', 'chain-restyle-2.webp'],
  },
];
