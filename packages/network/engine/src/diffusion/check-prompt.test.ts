import { join } from 'node:path';
import { tinyIconsModels } from '@heurist/tiny-icons';
import { expect, test } from 'vitest';
import { createPromptCheck } from './check-prompt.ts';

const check = await createPromptCheck(join(tinyIconsModels, 'checkpoints/tiny-icons'));

test.each([
  'rocket',
  'a Rocket.',
  'an owl',
  'sunflowers',
  'a blue apple',
  'the red apple on a blue background',
  'apple on gray background',
  'orange square',
  'smiling face with sunglasses',
  '🦊',
])('%s: a name, with a color and a background', (prompt) => {
  expect(check(prompt)).toEqual({ isFamiliar: true, unknown: [], similar: [] });
});

test.each([
  ['a blue car', [], 'police car'],
  ['orange', [], undefined],
  ['blue', [], undefined],
  ['', [], undefined],
  ['a rocket on a castle', [], 'rocket'],
  ['a red apple on a blue table', [], 'red apple'],
  ['red apple on background', [], 'red apple'],
  ['lighthouse, lighthouse and coast', ['lighthouse', 'coast'], undefined],
  ['a red fox in the snow', [], 'fox'],
] as const)('%s: not a name', (prompt, unknown, similar) => {
  const found = check(prompt);
  expect([found.isFamiliar, found.unknown]).toEqual([false, unknown]);
  if (similar) expect(found.similar).toContain(similar);
  expect(found.similar.length).toBeLessThan(4);
});

test('unknown words beside a name are named', () => {
  expect(check('photorealistic rocket')).toEqual({ isFamiliar: true, unknown: ['photorealistic'], similar: [] });
});
