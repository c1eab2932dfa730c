import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { InpaintTask } from './index.ts';

const least = { prompt: 'a red door', image_url: 'https://example.com/a.png', mask_url: 'https://example.com/m.png' };
const [sdxl, sd15, tiny] = definitions;

testWorkflow(test, {
  definition: sdxl!,
  task: () => new InpaintTask({ ...least, mask_channel: 'alpha', denoise: 1, seed: 0 }),
  refused: [
    { name: 'no mask', task: () => new InpaintTask({ ...least, mask_url: undefined as never }), message: /mask_url/ },
    {
      name: 'an odd channel',
      task: () => new InpaintTask({ ...least, mask_channel: 'grey' as never }),
      message: /alpha/,
    },
    // @ts-expect-error the size is that of the picture
    { name: 'a size', task: () => new InpaintTask({ ...least, width: 512 }), message: /unknown option width/ },
  ],
});

testWorkflow(test, {
  definition: sd15!,
  task: () => new InpaintTask({ ...least, workflow_id: 'sd15-inpaint', steps: 2 }),
  refused: [],
});

testWorkflow(test, {
  definition: tiny!,
  task: () => new InpaintTask({ ...least, workflow_id: 'tiny-inpaint', mask_channel: 'green' }),
  refused: [],
});

test('picture and mask are files, and both go to their nodes', () => {
  expect(Object.keys(sdxl!.files)).toEqual(['image', 'mask']);
  expect(new InpaintTask(least).parameters).toEqual({
    prompt: least.prompt,
    image: least.image_url,
    mask: least.mask_url,
  });
});
