import { expect, test } from 'vitest';
import { layOut } from './graph-layout.ts';

test('lines that go around boxes are within the frame too', () => {
  const boxes = ['model', 'size', 'negative', 'prompt', 'sampler', 'decode', 'save'].map((id) => ({
    id,
    width: 180,
    height: id === 'model' || id === 'save' ? 42 : 110,
  }));
  const links = [
    ['model', 'sampler'],
    ['model', 'negative'],
    ['model', 'prompt'],
    ['model', 'decode'],
    ['size', 'sampler'],
    ['negative', 'sampler'],
    ['prompt', 'sampler'],
    ['sampler', 'decode'],
    ['decode', 'save'],
  ] as const;
  const { height, boxes: placed, lines } = layOut(boxes, links);
  const ys = [...lines.flat().map(({ y }) => y), ...placed.flatMap((box) => [box.y, box.y + box.height])];
  expect(Math.min(...ys)).toBeGreaterThanOrEqual(16);
  expect(Math.max(...ys)).toBeLessThanOrEqual(height - 16);
});

test('nodes may be called as what every object has', () => {
  const boxes = ['constructor', '__proto__', 'toString'].map((id) => ({ id, width: 10, height: 10 }));
  const { boxes: placed, lines } = layOut(boxes, [
    ['constructor', '__proto__'],
    ['__proto__', 'toString'],
  ]);
  expect([placed.map(({ id }) => id), lines.length]).toEqual([['constructor', '__proto__', 'toString'], 2]);
});
