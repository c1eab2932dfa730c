import { expect, test } from 'vitest';
import { drawSample } from '../sample.ts';

const all = Array.from({ length: 100 }, (_, index) => `mutant ${index}`);
const draw = (from: string[], seed: string, size = 10) => drawSample(from, size, seed, (member) => member);

test('the same seed draws the same, whatever the order', () => {
  expect(draw(all, 'a')).toHaveLength(10);
  expect(draw(all.toReversed(), 'a')).toEqual(draw(all, 'a'));
});

test('another seed draws another sample', () => {
  expect(draw(all, 'b')).not.toEqual(draw(all, 'a'));
});

test('a sample larger than the set is the set', () => {
  expect(draw(all, 'a', 1000).toSorted()).toEqual(all.toSorted());
});
