import { bind } from '@heurist/core/definition';
import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { Image2VideoTask } from './index.ts';

const image_url = 'https://example.com/sea.jpg';
const prompt = 'waves';
const [wan22Large, wan22FourStep, wan22Small, wan21Large, ltxv, svd] = definitions;

testWorkflow(test, {
  definition: wan22Large!,
  task: () => new Image2VideoTask({ prompt, image_url, steps: 4, seed: 0, width: 320, length: 5 }),
  refused: [
    { name: 'no picture', task: () => new Image2VideoTask({ prompt } as never), message: /image_url/ },
    { name: '24 frames', task: () => new Image2VideoTask({ prompt, image_url, length: 24 }), message: /21 or 25/ },
    { name: 'odd steps', task: () => new Image2VideoTask({ prompt, image_url, steps: 5 }), message: /4 or 6/ },
  ],
});

testWorkflow(test, {
  definition: wan22FourStep!,
  task: () => new Image2VideoTask({ workflow_id: 'wan2.2-i2v-14b-4step', prompt, image_url, seed: 0 }),
  refused: [
    {
      name: 'steps, which are four',
      // @ts-expect-error distilled to four steps
      task: () => new Image2VideoTask({ workflow_id: 'wan2.2-i2v-14b-4step', prompt, image_url, steps: 20 }),
      message: /unknown option steps/,
    },
  ],
});

testWorkflow(test, {
  definition: wan22Small!,
  task: () => new Image2VideoTask({ workflow_id: 'wan2.2-i2v-5b', prompt, image_url, height: 704 }),
  refused: [],
});

testWorkflow(test, {
  definition: wan21Large!,
  task: () => new Image2VideoTask({ workflow_id: 'wan2.1-i2v-14b', prompt, image_url, cfg: 6 }),
  refused: [],
});

testWorkflow(test, {
  definition: ltxv!,
  task: () => new Image2VideoTask({ workflow_id: 'ltxv-i2v', prompt, image_url, length: 17, fps: 12 }),
  refused: [
    {
      name: '1 frame, where nothing could move',
      task: () => new Image2VideoTask({ workflow_id: 'ltxv-i2v', prompt, image_url, length: 1 }),
      message: /from 9 to 257/,
    },
  ],
});

testWorkflow(test, {
  definition: svd!,
  task: () => new Image2VideoTask({ workflow_id: 'svd', image_url, length: 14, motion_bucket_id: 40, fps: 8 }),
  refused: [
    {
      name: 'a prompt, which the model does not hear',
      // @ts-expect-error no words
      task: () => new Image2VideoTask({ workflow_id: 'svd', image_url, prompt }),
      message: /unknown option prompt/,
    },
  ],
});

test('frames a second go to the model and to the file', () => {
  const task = new Image2VideoTask({ workflow_id: 'svd', image_url, fps: 12 });
  const graph = bind(svd!, task.parameters);
  expect([graph.cond?.inputs.fps, graph.save?.inputs.fps]).toEqual([12, 12]);
});
