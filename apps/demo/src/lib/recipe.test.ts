import { expect, test } from 'vitest';
import type { FamilyInfo, WorkflowInfo } from '../../shared/api.ts';
import { fitting, recipeOf, withSeed } from './recipe.ts';

const workflow: WorkflowInfo = {
  workflow_id: 'paint',
  title: '',
  options: {
    image_url: { type: 'string' },
    prompt: { type: 'string' },
    width: { type: 'integer', minimum: 64, maximum: 512, multipleOf: 8 },
    length: { type: 'integer', minimum: 1, maximum: 257, 'x-step': 4 },
    scale: { enum: [2, 4] },
    cfg: { type: 'number', minimum: 0, maximum: 30 },
    seed: { type: 'integer' },
  },
  required: ['prompt'],
  files: { image_url: 'image' },
};
const family: FamilyInfo = {
  name: 'painter',
  package: '@heurist/painter',
  task_type: 'x',
  task: 'PainterTask',
  title: '',
  makes: 'image',
  workflows: [workflow],
};

test.each([
  [{ prompt: 'x', guidance: 3 }, { prompt: 'x' }],
  [{ width: 72 }, { width: 72 }],
  [{ width: 70 }, {}],
  [{ width: 1024 }, {}],
  [{ length: 5 }, { length: 5 }],
  [{ length: 6 }, {}],
  [
    { scale: 4, cfg: 2.5 },
    { scale: 4, cfg: 2.5 },
  ],
  [{ scale: 3 }, {}],
  [{ image_url: 'http://x', prompt: 3 }, {}],
  [{ image_url: { task_id: 'a', output: 0 } }, { image_url: { task_id: 'a', output: 0 } }],
])('another model keeps the options that it accepts: %j', (options, kept) => {
  expect(fitting(options, workflow)).toEqual(kept);
});

test('the recipe of a task created elsewhere', () => {
  const parameters = { image: 'http://x/a', prompt: 'fox', seed: 0, unknown: 1 };
  expect(recipeOf({ task_id: 'a', status: 'finished', workflow_id: 'paint', parameters }, [family])).toEqual({
    family: 'painter',
    workflow_id: 'paint',
    options: { image_url: { url: 'http://x/a', name: 'image.png' }, prompt: 'fox', seed: 0 },
  });
  expect(recipeOf({ task_id: 'a', status: 'finished', workflow_id: 'other' }, [family])).toBeUndefined();
});

test('the seed that was used, also when it is 0', () => {
  const recipe = { family: 'painter', workflow_id: 'paint', options: { prompt: 'x' } };
  const state = { task_id: 'a', status: 'finished' as const, parameters: { seed: 0 } };
  expect(withSeed(recipe, state, workflow).options).toEqual({ prompt: 'x', seed: 0 });
});
