import { test } from 'node:test';
import { testWorkflow } from '@heurist/core/testing';
import { definitions } from './definition.ts';
import { PhotoGlowTask } from './index.ts';

const least = { image_url: 'https://example.com/image' };

testWorkflow(test, {
  definition: definitions[0]!,
  task: () => new PhotoGlowTask(least),
  refused: [
    { name: 'no options', task: () => new PhotoGlowTask({} as never), message: /image/ },
    {
      name: 'an unknown option',
      task: () => new PhotoGlowTask({ ...least, no_such_option: 1 } as never),
      message: /no_such_option/,
    },
  ],
});
