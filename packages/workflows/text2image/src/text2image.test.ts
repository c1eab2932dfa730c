import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { Text2ImageTask } from './index.ts';

const prompt = 'a red fox';
const [sdxl, sd15, fluxDev, qwenImage, tiny] = definitions;

testWorkflow(test, {
  definition: sdxl!,
  task: () => new Text2ImageTask({ prompt, negative_prompt: '', width: 832, height: 1216, cfg: 0, seed: 0 }),
  refused: [
    { name: 'no prompt', task: () => new Text2ImageTask({} as never), message: /prompt/ },
    { name: 'an empty prompt', task: () => new Text2ImageTask({ prompt: '' }), message: /`prompt` must not be empty/ },
    { name: 'a width between', task: () => new Text2ImageTask({ prompt, width: 1001 }), message: /1000 or 1008/ },
    { name: 'a huge picture', task: () => new Text2ImageTask({ prompt, width: 9000 }), message: /from 64 to 2048/ },
    { name: 'half a step', task: () => new Text2ImageTask({ prompt, steps: 2.5 }), message: /steps.*whole number/ },
    { name: 'a negative seed', task: () => new Text2ImageTask({ prompt, seed: -1 }), message: /seed/ },
    { name: 'a seed beyond 2^53', task: () => new Text2ImageTask({ prompt, seed: 2 ** 53 }), message: /seed/ },
    { name: 'a number as text', task: () => new Text2ImageTask({ prompt, steps: '20' as never }), message: /steps/ },
    {
      name: 'an option of another graph',
      // @ts-expect-error SDXL has no guidance
      task: () => new Text2ImageTask({ prompt, guidance: 3.5 }),
      message: /Text2ImageTask: unknown option guidance \(known: prompt, negative_prompt/,
    },
  ],
});

testWorkflow(test, {
  definition: sd15!,
  task: () => new Text2ImageTask({ workflow_id: 'sd15', prompt, steps: 2, batch_size: 2 }),
  refused: [
    {
      name: 'an unknown model',
      // @ts-expect-error there is no such graph
      task: () => new Text2ImageTask({ workflow_id: 'sd14', prompt }),
      message: /one of sdxl, sd15, flux-dev, qwen-image, tiny \(got "sd14"\)/,
    },
  ],
});

testWorkflow(test, {
  definition: fluxDev!,
  task: () => new Text2ImageTask({ workflow_id: 'flux-dev', prompt, guidance: 2.5, width: 1008 }),
  refused: [
    {
      name: 'a width that only the other models take',
      task: () => new Text2ImageTask({ workflow_id: 'flux-dev', prompt, width: 1000 }),
      message: /`width` must be a multiple of 16 \(got 1000\): use 992 or 1008/,
    },
    {
      name: 'a negative prompt, which the model does not hear',
      // @ts-expect-error FLUX has no negative prompt
      task: () => new Text2ImageTask({ workflow_id: 'flux-dev', prompt, negative_prompt: 'fog' }),
      message: /negative_prompt/,
    },
  ],
});

testWorkflow(test, {
  definition: qwenImage!,
  task: () => new Text2ImageTask({ workflow_id: 'qwen-image', prompt, width: 1664, height: 928 }),
  refused: [],
});

testWorkflow(test, {
  definition: tiny!,
  task: () => new Text2ImageTask({ workflow_id: 'tiny', prompt, width: 128, cfg: 2.5 }),
  refused: [
    {
      name: 'a size that the model does not draw',
      task: () => new Text2ImageTask({ workflow_id: 'tiny', prompt, width: 512 }),
      message: /`width` must be 128/,
    },
    {
      name: 'no picture at all',
      task: () => new Text2ImageTask({ workflow_id: 'tiny', prompt, batch_size: 0 }),
      message: /from 1 to 8/,
    },
    {
      name: 'a thousand pictures',
      task: () => new Text2ImageTask({ workflow_id: 'tiny', prompt, batch_size: 1000 }),
      message: /from 1 to 8/,
    },
    { name: 'no steps', task: () => new Text2ImageTask({ workflow_id: 'tiny', prompt, steps: 0 }), message: /from 1/ },
  ],
});

test('what is undefined is left out, and 0 is not', () => {
  const task = new Text2ImageTask({ prompt, seed: 0, cfg: undefined });
  expect(task.task_details).toEqual({ parameters: { prompt, seed: 0 } });
  // the network picks
  expect(task.workflow_id).toBeUndefined();
});

test('the output has every picture and the seed', () => {
  const outputs = ['a', 'b'].map((url) => ({ url, kind: 'image' as const, bytes: 1, sha256: '', filename: url }));
  const result = {
    task_id: '1',
    status: 'finished' as const,
    outputs: outputs as never,
    parameters: { prompt, seed: 0 },
  };
  const output = new Text2ImageTask({ prompt }).parseOutput(result);
  expect([output.image.url, output.images.length, output.seed]).toEqual(['a', 2, 0]);
});
