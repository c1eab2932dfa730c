import { expect, test } from 'vitest';
import { shapesOf } from './node-shapes.ts';

test('a default that JSON lacks is none', () => {
  const input = {
    required: {
      a: ['FLOAT', { default: Number.NaN }],
      b: ['FLOAT', { default: Infinity }],
      c: ['FLOAT', { default: 2 }],
    },
  };
  expect(shapesOf({ X: { input } }).X?.widgets).toEqual([
    { name: 'a', type: 'FLOAT', default: 0 },
    { name: 'b', type: 'FLOAT', default: 0 },
    { name: 'c', type: 'FLOAT', default: 2 },
  ]);
});

test.each<[what: string, described: object]>([
  ['an order that is none', { input: { required: { a: ['INT', {}] } }, input_order: { required: 'a' } }],
  ['a choice that is none', { input: { required: { a: ['COMFY_DYNAMICCOMBO_V3', { options: [null, 3] }] } } }],
  ['nothing', { input: { required: null }, output: 5 }],
])('a class that describes itself wrongly hides no other: %s', (_, described) => {
  const good = { input: { required: { b: ['INT', {}] } } };
  expect(shapesOf({ Bad: described, Good: good }).Good?.widgets).toEqual([{ name: 'b', type: 'INT', default: 0 }]);
});
