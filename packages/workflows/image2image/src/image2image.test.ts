import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { Image2ImageTask } from './index.ts';

const least = { prompt: 'in winter', image_url: 'https://example.com/house.jpg' };
const [sdxl, sd15, tiny] = definitions;

testWorkflow(test, {
  definition: sdxl!,
  task: () => new Image2ImageTask({ ...least, denoise: 0, seed: 0 }),
  refused: [
    { name: 'no picture', task: () => new Image2ImageTask({ prompt: 'x' } as never), message: /image_url/ },
    { name: 'a path', task: () => new Image2ImageTask({ ...least, image_url: 'a.png' }), message: /uploadFile/ },
    { name: 'too much denoise', task: () => new Image2ImageTask({ ...least, denoise: 1.1 }), message: /from 0 to 1/ },
    { name: 'a height between', task: () => new Image2ImageTask({ ...least, height: 1020 }), message: /1016 or 1024/ },
  ],
});

testWorkflow(test, {
  definition: sd15!,
  task: () => new Image2ImageTask({ ...least, workflow_id: 'sd15-img2img', width: 64, height: 64, steps: 2 }),
  refused: [],
});

testWorkflow(test, {
  definition: tiny!,
  task: () => new Image2ImageTask({ ...least, workflow_id: 'tiny-img2img', height: 128, denoise: 0 }),
  refused: [
    {
      name: 'a size that the model does not draw',
      task: () => new Image2ImageTask({ ...least, workflow_id: 'tiny-img2img', height: 512 }),
      message: /`height` must be 128/,
    },
  ],
});

test('the address crosses the wire as image', () => {
  expect(new Image2ImageTask(least).parameters).toEqual({ prompt: least.prompt, image: least.image_url });
});
