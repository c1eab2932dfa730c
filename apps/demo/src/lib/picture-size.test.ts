import { expect, test } from 'vitest';
import { pictureRules, reasonAgainstPicture, refusedPictures, shownScale } from './picture-size.ts';

test.each([
  [128, 640, 700, 5],
  [128, 639, 700, 4],
  [128, 350, 350, 2],
  [512, 600, 600, 1],
  [1024, 512, 2000, 0.5],
])('a picture of %i px in %i x %i is shown %f times as large', (side, width, height, scale) => {
  expect(shownScale({ width: side, height: side }, { width, height })).toBe(scale);
});

const upscaler = {
  workflow_id: 'upscaler',
  title: '',
  options: { scale: { type: 'integer', enum: [2, 4], default: 4 } },
  required: [],
  files: { image_url: 'image' },
};
const photo = { url: 'x', name: 'photo.jpg', width: 6000, height: 4000 };

test('a picture that would be too large once enlarged is refused before it is sent, with a size that works', () => {
  expect(refusedPictures(upscaler, { image_url: photo, scale: 4 })).toEqual({
    image_url:
      'photo.jpg has 24 megapixels (6000 x 4000). Enlarged 4 times it would have 384 megapixels. The limit is 67 megapixels: use a picture of at most 2048 x 2048 pixels.',
  });
  expect(refusedPictures(upscaler, { image_url: { ...photo, width: 2048, height: 2048 } })).toEqual({});
});

test('what is taken is said before, and follows the scale', () => {
  const kinds = 'PNG, JPEG, WebP, GIF or AVIF. At most 50 MB and';
  expect(pictureRules(upscaler, {}, 50e6)).toBe(
    `${kinds} 4.1 megapixels, such as 2048 x 2048: it is enlarged 4 times.`,
  );
  expect(pictureRules(upscaler, { scale: 2 }, 50e6)).toBe(
    `${kinds} 16 megapixels, such as 4096 x 4096: it is enlarged 2 times.`,
  );
  expect(pictureRules({ ...upscaler, options: {} }, {}, 50e6)).toBe(`${kinds} 67 megapixels, such as 8192 x 8192.`);
});

test('the default of the scale counts, and a workflow without one takes more', () => {
  expect(reasonAgainstPicture(photo, upscaler, {})).toMatch(/Enlarged 4 times/);
  const plain = { ...upscaler, options: {} };
  expect(reasonAgainstPicture(photo, plain, {})).toBeUndefined();
  expect(reasonAgainstPicture({ ...photo, width: 9000, height: 9000 }, plain, {})).toMatch(
    /has 81 megapixels \(9000 x 9000\)\. The limit is 67 megapixels/,
  );
});
