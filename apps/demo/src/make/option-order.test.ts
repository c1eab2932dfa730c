import { expect, test } from 'vitest';
import { orderOptions, sharedOptions } from './option-order.ts';

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

test('shared are the first options that are the same in every graph of a package', () => {
  const [text, size, fixed] = [{ type: 'string' }, { type: 'integer' }, { type: 'integer', enum: [128] }];
  const graph = (options: object, required = ['prompt']) =>
    ({ workflow_id: 'a', title: '', options, required, files: {} }) as never;
  const large = graph({ prompt: text, width: size });
  expect(sharedOptions([large, graph({ prompt: text, width: size, seed: size })])).toEqual(['prompt', 'width']);
  expect(sharedOptions([large, graph({ prompt: text, width: fixed })])).toEqual(['prompt']);
  expect(sharedOptions([large, graph({ prompt: text, width: size }, [])])).toEqual([]);
  expect(sharedOptions([large, graph({})])).toEqual([]);
  expect(sharedOptions([large])).toEqual(['prompt', 'width']);
});
