import { expect, test } from 'vitest';
import { brushWidth, imagePoint, keyStroke } from './mask-geometry.ts';

const image = { width: 200, height: 100 };
const key = (name: string, shiftKey = false) => ({ key: name, shiftKey });

test('the brush is a part of the longer side', () => {
  expect(brushWidth(10, image)).toBe(20);
  expect(brushWidth(10, { width: 100, height: 400 })).toBe(40);
});

test('a point of the screen is a point of the image, however large the image is shown', () => {
  const box = { left: 10, top: 20, width: 100, height: 50 };
  expect(imagePoint({ x: 10, y: 20 }, box, image)).toEqual({ x: 0, y: 0 });
  expect(imagePoint({ x: 110, y: 70 }, box, image)).toEqual({ x: 200, y: 100 });
  expect(imagePoint({ x: 35, y: 60 }, box, image)).toEqual({ x: 50, y: 80 });
});

test('keys begin in the middle, and go on from where the brush is', () => {
  const middle = { x: 100, y: 50 };
  expect(keyStroke(key(' '), undefined, 20, image)).toEqual({ from: middle, to: middle, isPainting: true });
  expect(keyStroke(key('ArrowDown'), undefined, 20, image)?.to).toEqual({ x: 100, y: 60 });
  expect(keyStroke(key('ArrowUp'), { x: 7, y: 70 }, 20, image)?.to).toEqual({ x: 7, y: 60 });
  expect(keyStroke(key('ArrowLeft'), { x: 70, y: 7 }, 20, image)?.to).toEqual({ x: 60, y: 7 });
  expect(keyStroke(key('ArrowRight'), { x: 70, y: 7 }, 20, image)?.to).toEqual({ x: 80, y: 7 });
});

test('arrow keys paint only with Shift, and other keys do nothing', () => {
  expect(keyStroke(key('ArrowDown'), undefined, 20, image)?.isPainting).toBe(false);
  expect(keyStroke(key('ArrowDown', true), undefined, 20, image)?.isPainting).toBe(true);
  expect(keyStroke(key('Tab'), undefined, 20, image)).toBeUndefined();
});

test('the brush stays on the image', () => {
  expect(keyStroke(key('ArrowLeft'), { x: 3, y: 50 }, 20, image)?.to).toEqual({ x: 0, y: 50 });
  expect(keyStroke(key('ArrowDown'), { x: 3, y: 95 }, 20, image)?.to).toEqual({ x: 3, y: 100 });
});
