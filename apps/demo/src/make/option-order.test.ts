import { expect, test } from 'vitest';
import { orderOptions } from './option-order.ts';

test('files first, then text, size and choices; the rest is behind "More options", the seed last', () => {
  const number = { type: 'number' };
  const options = {
    seed: number,
    noise_seed: number,
    steps: number,
    scale: { enum: [2, 4] },
    only: { enum: [1] },
    height: number,
    prompt: { type: 'string' },
    negative_prompt: { type: 'string' },
    image_url: { type: 'string' },
  };
  const workflow = { workflow_id: 'a', title: '', options, required: [], files: { image_url: 'image' } };
  expect(orderOptions(workflow)).toEqual({
    main: ['image_url', 'prompt', 'height', 'scale'],
    more: ['negative_prompt', 'only', 'steps', 'seed'],
  });
});
