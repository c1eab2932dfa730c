import { bind } from '@heurist/core/definition';
import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { UpscalerTask } from './index.ts';

const [definition] = definitions;
const image_url = 'https://example.com/cat.png';

testWorkflow(test, {
  definition: definition!,
  task: () => new UpscalerTask({ image_url }),
  refused: [
    { name: 'no address', task: () => new UpscalerTask({} as never), message: /image_url/ },
    { name: 'a local path', task: () => new UpscalerTask({ image_url: './cat.png' }), message: /uploadFile/ },
    { name: 'a file URL', task: () => new UpscalerTask({ image_url: 'file:///cat.png' }), message: /http/ },
    { name: 'a factor of 3', task: () => new UpscalerTask({ image_url, scale: 3 as never }), message: /one of 2, 4/ },
  ],
});

test('speaks the wire form of the reference client', () => {
  const task = new UpscalerTask({ image_url, timeout_seconds: 600 });
  expect(task.task_type).toBe('upscaler');
  expect(task.task_details).toEqual({ parameters: { image: image_url } });
  expect(task.timeout_seconds).toBe(600);
  expect(task.workflow_id).toBeUndefined();
});

test.each([
  [2, 'RealESRGAN_x2plus.pth'],
  [4, 'RealESRGAN_x4plus.pth'],
] as const)('a factor of %i picks its network and its size', (scale, model_name) => {
  const graph = bind(definition!, new UpscalerTask({ image_url, scale }).parameters);
  expect(graph.wanted?.inputs.scale_by).toBe(scale);
  expect(graph.model?.inputs).toEqual({ model_name });
});

test('the output names its picture, also from a sequencer that answers with a bare URL', () => {
  const task = new UpscalerTask({ image_url });
  const output = task.parseOutput({ task_id: '1', status: 'finished', result: 'https://example.com/big.png' });
  expect(output.image.url).toBe('https://example.com/big.png');
  expect(() => task.parseOutput({ task_id: '1', status: 'finished' })).toThrow('without an output');
});
