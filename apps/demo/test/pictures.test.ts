// What an upload must be: a whole picture of a size that the network takes.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readPicture } from '../server/pictures/read-picture.ts';
import { MAX_PIXELS } from '../shared/picture-rules.ts';

const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const;
const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#3a6', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
const pictureOf = async (format: (typeof FORMATS)[number], width = 120, height = 80) =>
  new Uint8Array(await noise(width, height)[format]().toBuffer());
const refusalOf = (bytes: Uint8Array, maxPixels = MAX_PIXELS) =>
  readPicture(bytes, maxPixels).then(
    () => undefined,
    ({ code, message }) => `${code}: ${message}`,
  );

describe.each(FORMATS)('%s', (format) => {
  test('whole, it is taken', async () => {
    expect(await readPicture(await pictureOf(format), MAX_PIXELS)).toEqual({
      type: `image/${format}`,
      width: 120,
      height: 80,
    });
  });

  test.each([0.3, 0.6, 0.9])('cut off at %d, it is refused', async (share) => {
    const bytes = await pictureOf(format);
    expect(await refusalOf(bytes.subarray(0, bytes.length * share))).toBe(
      'invalid_request: This picture is damaged or cut off. Save it again, or choose another copy.',
    );
  });
});

test('a progressive JPEG that was cut off is refused', async () => {
  const bytes = await noise(120, 80).jpeg({ progressive: true }).toBuffer();
  expect(await refusalOf(bytes)).toBeUndefined();
  expect(await refusalOf(bytes.subarray(0, bytes.length * 0.7))).toContain('damaged or cut off');
});

test('what is no picture is refused', async () => {
  expect(await refusalOf(new TextEncoder().encode('<script>'))).toContain('not an image');
});

test.each([
  ['image/bmp', '424d8a000000000000008a000000'],
  ['image/heic', Buffer.from('\0\0\0\x20ftypheic', 'latin1').toString('hex')],
])('a picture of a kind that nobody here reads is named: %s', async (type, hex) => {
  expect(await refusalOf(new Uint8Array(Buffer.from(hex, 'hex')))).toBe(
    `invalid_request: Images of the type ${type} are not accepted. Save it as PNG, JPEG, WebP, GIF or AVIF.`,
  );
});

test('exactly the limit is taken, before anything is decoded', async () => {
  const bytes = await pictureOf('png', 100, 100);
  expect(await refusalOf(bytes, 10_000)).toBeUndefined();
  expect(await refusalOf(bytes.subarray(0, 100), 9999)).toBe(
    'invalid_request: This picture has 0 megapixels (100 x 100); the limit is 0 megapixels. Make it smaller, such as 99 x 99 pixels.',
  );
});

test('all frames of an animation count', async () => {
  const raw = { width: 20, height: 60, channels: 3, pageHeight: 20 } as const;
  // frames that are the same would become one
  const pixels = Uint8Array.from({ length: 20 * 60 * 3 }, (_, index) => (index * 7) % 251);
  const bytes = await sharp(pixels, { raw }).webp({ lossless: true }).toBuffer();
  expect(await readPicture(bytes, 1200)).toMatchObject({ width: 20, height: 20 });
  expect(await refusalOf(bytes, 1199)).toContain('(20 x 20 in 3 frames)');
});
