import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { isComplete } from './complete-file.ts';

const picture = () =>
  sharp({
    create: { width: 64, height: 48, channels: 3, background: '#a63', noise: { type: 'gaussian', mean: 90, sigma: 30 } },
  });
const files = {
  jpeg: picture().jpeg().toBuffer(),
  'progressive jpeg': picture().jpeg({ progressive: true }).toBuffer(),
  png: picture().png().toBuffer(),
  webp: picture().webp().toBuffer(),
  gif: picture().gif().toBuffer(),
};

describe.each(Object.entries(files))('%s', (_, file) => {
  test('whole, and with something behind it', async () => {
    const bytes = await file;
    expect(isComplete(bytes)).toBe(true);
    expect(isComplete(Buffer.concat([bytes, Buffer.alloc(3)]))).toBe(true);
  });

  test('cut off anywhere', async () => {
    const bytes = await file;
    for (const part of [0.2, 0.5, 0.9]) expect(isComplete(bytes.subarray(0, Math.floor(bytes.length * part)))).toBe(false);
    expect(isComplete(bytes.subarray(0, -2))).toBe(false);
  });
});

test('a thumbnail inside a JPEG does not make a cut file whole', async () => {
  const thumbnail = await files.jpeg;
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe1);
  segment.writeUInt16BE(thumbnail.length + 2, 2);
  const whole = await files['progressive jpeg'];
  const cut = Buffer.concat([whole.subarray(0, 2), segment, thumbnail, whole.subarray(2, 400)]);
  expect(isComplete(cut)).toBe(false);
});

test('what is no picture, or too short, is left to the server', () => {
  expect(isComplete(Buffer.from('just words'))).toBe(true);
  expect(isComplete(new Uint8Array())).toBe(true);
});
