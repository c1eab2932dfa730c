import { expect, test } from 'vitest';
import { aceStep } from './ace-step.ts';
import { fluxDev, fluxDevParts } from './flux.ts';
import { hunyuanVideo } from './hunyuan-video.ts';
import { ltxVideo } from './ltx-video.ts';
import { mochi } from './mochi.ts';
import { qwenImage } from './qwen-image.ts';
import { x2, x4 } from './real-esrgan.ts';
import { sd15, sdxl, svd } from './stable-diffusion.ts';
import { termsOf } from './terms.ts';
import * as wan from './wan.ts';

const files = [
  ...[aceStep, fluxDev, fluxDevParts, hunyuanVideo, ltxVideo, mochi, qwenImage, [x2, x4], sd15, sdxl, svd],
  ...Object.values(wan),
].flat();

test('each part of a model has its own terms', () => {
  expect(fluxDevParts.map((file) => termsOf(file)?.licence)).toEqual([
    'FLUX.1-dev Non-Commercial License',
    'Apache-2.0',
    undefined,
    'Apache-2.0',
  ]);
  expect(hunyuanVideo.map((file) => termsOf(file)?.licence)).toEqual([
    'Tencent Hunyuan Community License',
    undefined,
    undefined,
    'Tencent Hunyuan Community License',
  ]);
});

test('terms come with where they are written', () => {
  expect(termsOf(sdxl[0]!)?.source).toBe('https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0');
  expect(termsOf(wan.wan22Both5B[0]!)?.source).toBe('https://github.com/Wan-Video/Wan2.2');
});

test('whoever adds a file looks for its terms; of these nobody found any', () => {
  const unknown = files.filter((file) => !termsOf(file)).map(({ filename }) => filename);
  expect([...new Set(unknown)].toSorted()).toEqual([
    'clip_l.safetensors',
    'clip_vision_h.safetensors',
    'llava_llama3_fp8_scaled.safetensors',
  ]);
});
