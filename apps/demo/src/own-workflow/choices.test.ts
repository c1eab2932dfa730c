import { expect, test } from 'vitest';
import {
  type Choices,
  NO_CHOICES,
  originsOf,
  planChoices,
  withInput,
  withName,
  withOption,
  withoutOption,
} from './choices.ts';

const found = (name: string) => ({ found: name });

test('what is dropped, renamed and added is what the command takes', () => {
  let choices: Choices = withoutOption(NO_CHOICES, found('steps'));
  choices = withName(choices, found('prompt'), 'scene');
  choices = withInput(choices, '5.sampler_name');
  choices = withInput(choices, '5.scheduler');
  choices = withName(choices, { added: '5.scheduler' }, 'pace');
  expect(planChoices({ ...choices, outputs: ['9'] })).toEqual({
    output: ['9'],
    drop: ['steps'],
    rename: ['prompt=scene'],
    add: ['5.sampler_name', 'pace=5.scheduler'],
  });
  expect(originsOf(['scene', 'seed', 'sampler_name', 'pace'], choices)).toEqual([
    found('prompt'),
    found('seed'),
    { added: '5.sampler_name' },
    { added: '5.scheduler' },
  ]);
});

test('a file has an origin by both of its names', () => {
  const choices = withName(NO_CHOICES, found('image'), 'photo_url');
  expect(originsOf(['photo'], choices)).toEqual([found('image')]);
});

test('all of it can be taken back', () => {
  const renamed = withName(NO_CHOICES, found('prompt'), 'scene');
  expect(withName(renamed, found('prompt'), 'prompt')).toEqual(NO_CHOICES);
  const dropped = withoutOption(renamed, found('prompt'));
  expect(dropped).toEqual({ ...NO_CHOICES, dropped: ['prompt'] });
  expect(withOption(dropped, 'prompt')).toEqual(NO_CHOICES);
  expect(withoutOption(withInput(NO_CHOICES, '5.cfg'), { added: '5.cfg' })).toEqual(NO_CHOICES);
});
