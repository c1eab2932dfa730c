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
