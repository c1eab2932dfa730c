import { expect, test } from 'vitest';
import { fluxDevParts } from './flux.ts';
import { ltxVideo } from './ltx-video.ts';
import { sdxl } from './stable-diffusion.ts';
import { termsOf } from './terms.ts';
import { wan22Both5B } from './wan.ts';

test('each part of a model has its own terms', () => {
  expect(fluxDevParts.map((file) => termsOf(file)?.licence)).toEqual([
    'FLUX.1 dev Non-Commercial License',
    'Apache-2.0',
    undefined,
    'Apache-2.0',
  ]);
});

test('terms come with where they are written', () => {
  expect(termsOf(sdxl[0]!)?.source).toBe('https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0');
  expect(termsOf(wan22Both5B[0]!)?.source).toMatch(/Wan-AI/);
});

test('nothing is said of a file whose terms are not known', () => {
  expect(termsOf(ltxVideo[0]!)).toBeUndefined();
});
