import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definition } from './definition.ts';
import { UpscalerTask } from './index.ts';

testWorkflow(test, {
  definition,
  task: () => new UpscalerTask({ image_url: 'https://example.com/cat.png' }),
  refused: [
    { name: 'no address', task: () => new UpscalerTask({} as never), message: /image/ },
    { name: 'a local path', task: () => new UpscalerTask({ image_url: './cat.png' }), message: /uploadFile/ },
    { name: 'a file URL', task: () => new UpscalerTask({ image_url: 'file:///cat.png' }), message: /http/ },
  ],
});

test('speaks the wire form of the reference client', () => {
  const task = new UpscalerTask({ image_url: 'https://example.com/cat.png', timeout_seconds: 600 });
  expect(task.task_type).toBe('upscaler');
  expect(task.task_details).toEqual({ parameters: { image: 'https://example.com/cat.png' } });
  expect(task.timeout_seconds).toBe(600);
});

test('the output names its picture, also from a sequencer that answers with a bare URL', () => {
  const task = new UpscalerTask({ image_url: 'https://example.com/cat.png' });
  const output = task.parseOutput({ task_id: '1', status: 'finished', result: 'https://example.com/big.png' });
  expect(output.image.url).toBe('https://example.com/big.png');
  expect(() => task.parseOutput({ task_id: '1', status: 'finished' })).toThrow('without a picture');
});
