import type { ParameterDescription } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import type { ShownOption } from './finder.ts';
import { optionFacts } from './option-facts.ts';

const facts = (rule: ParameterDescription, more: Partial<ShownOption> = {}) =>
  optionFacts({
    name: 'a',
    parameter: 'a',
    rule,
    file: undefined,
    isRequired: false,
    isSeed: false,
    value: '',
    ...more,
  });

test.each<[rule: ParameterDescription, more: Partial<ShownOption>, shown: string[]]>([
  [{ type: 'string' }, { isRequired: true }, ['text']],
  [{ type: 'string' }, { isRequired: true, value: 'a fox' }, ['text', 'a fox in the file']],
  [{ type: 'string' }, { value: 'blurry' }, ['text', 'default blurry']],
  [{ type: 'string' }, {}, ['text', 'empty by default']],
  [
    { type: 'integer', minimum: 64, maximum: 2048, multipleOf: 8 },
    { value: '512' },
    ['whole number', '64 to 2,048', 'in steps of 8', 'default 512'],
  ],
  [
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    { isSeed: true, value: '7' },
    ['whole number', 'from 0', 'random unless set'],
  ],
  [{ type: 'number', minimum: 0, maximum: 1 }, { value: '0.5' }, ['number', '0 to 1', 'default 0.5']],
  [{ enum: ['a', 'b'] }, { value: 'a' }, ['one of a, b', 'default a']],
  [{ enum: [1, 2, 3, 4, 5, 6, 7, 8] }, { value: '1' }, ['one of 1, 2, 3, 4, 5, 6, and 2 more', 'default 1']],
  [{ type: 'string' }, { file: 'image', isRequired: true }, ['image file']],
  [{ type: 'string' }, { file: 'file', isRequired: true }, ['file']],
])('%j is told in words', (rule, more, shown) => {
  expect(facts(rule, more)).toEqual(shown);
});
