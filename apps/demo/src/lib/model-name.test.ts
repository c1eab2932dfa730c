import { expect, test } from 'vitest';
import { modelName } from './model-name.ts';

test.each([
  ['Text to image (SDXL)', 'SDXL'],
  ['Image to video, large, in four steps (Wan 2.2, 14B, LightX2V)', 'Wan 2.2, 14B, LightX2V'],
  ['Upscale an image two or four times', 'Upscale an image two or four times'],
])('%s: %s', (title, name) => {
  expect(modelName({ title })).toBe(name);
});
