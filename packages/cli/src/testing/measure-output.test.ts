import { readSaved } from '@heurist/test-servers/recordings';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { exampleInput } from '../authoring/example-input.ts';
import { measureOutput } from './measure-output.ts';
import { decodePixels, meanDifference } from './pixels.ts';

const flat = (background: object) =>
  sharp({ create: { width: 32, height: 16, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 1, ...background } } });
/** A spot of another colour. */
const withSpot = (picture: Sharp, color: string) =>
  picture.composite([{ input: { create: { width: 3, height: 3, channels: 3, background: color } }, left: 5, top: 5 }]);

describe('whether a picture shows something', () => {
  test.each<[string, Sharp, string | undefined]>([
    ['all black', flat({}).png(), 'black'],
    ['almost black, as JPEG', flat({ r: 3, g: 2, b: 4 }).removeAlpha().jpeg(), 'black'],
    ['one gray, as JPEG', flat({ r: 90, g: 90, b: 90 }).removeAlpha().jpeg({ quality: 40 }), 'of one colour'],
    ['one colour, as WebP', flat({ r: 250, g: 20, b: 90 }).webp({ lossless: true }), 'of one colour'],
    ['white', flat({ r: 255, g: 255, b: 255 }).png(), 'of one colour'],
    ['nothing of it opaque', flat({ r: 200, alpha: 0 }).png(), 'transparent'],
    ['black with 16 bits', flat({}).removeAlpha().toColourspace('rgb16').png(), 'black'],
    ['black in gray', flat({}).removeAlpha().toColourspace('b-w').png(), 'black'],
    ['a spot on black', withSpot(flat({}), '#202020').png(), undefined],
    ['a spot on white', withSpot(flat({ r: 255, g: 255, b: 255 }), '#ffd0ff').png(), undefined],
    ['a black shape on nothing', withSpot(flat({ alpha: 0 }), '#000').png(), undefined],
  ])('%s', async (_, picture, blank) => {
    expect((await measureOutput(await picture.toBuffer(), 'image/png')).blank).toBe(blank);
  });
});

test('an animation shows something if one of its frames does; its first frame is compared', async () => {
  const frames = async (...colors: string[]) => {
    const pages = colors.map((background) => sharp({ create: { width: 8, height: 8, channels: 3, background } }).png());
    pages[1] = withSpot(pages[1]!, colors[1] === '#000' ? '#000' : '#fff');
    const buffers = await Promise.all(pages.map((page) => page.toBuffer()));
    return await sharp(buffers, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
  };
  const fading = await measureOutput(await frames('#000', '#888', '#000'), '');
  expect(fading).toMatchObject({ type: 'image/webp', width: 8, height: 8, pixels: { height: 8 } });
  expect(fading.blank).toBeUndefined();
  expect((await measureOutput(await frames('#000', '#000', '#000'), '')).blank).toBe('black');
});

test('the content says what a file is, not its name; only text has to be believed', async () => {
  const jpeg = await flat({}).removeAlpha().jpeg().toBuffer();
  expect(await measureOutput(jpeg, 'image/png')).toMatchObject({ type: 'image/jpeg', width: 32, height: 16 });
  expect(await measureOutput(Buffer.from('a fox'), 'text/plain; charset=utf-8')).toEqual({
    bytes: expect.anything(),
    type: 'text/plain',
  });
});

test.each([
  ['comfyui.mp4', { type: 'video/mp4', seconds: expect.closeTo(0.5, 1), width: 64 }],
  ['comfyui.webm', { type: 'video/webm', seconds: expect.closeTo(0.5, 1) }],
  ['comfyui.flac', { type: 'audio/flac', seconds: 0.5 }],
])('%s lasts', async (name, expected) => {
  expect(await measureOutput(readSaved(name), '')).toMatchObject(expected);
});

test.each(['image/png', 'video/mp4'])('a damaged %s says so', async (type) => {
  const whole = type === 'image/png' ? await flat({}).png().toBuffer() : readSaved('comfyui.mp4');
  const { damage } = await measureOutput(whole.subarray(0, 60), type);
  expect(damage).toMatch(/\w/);
});

test('the difference of pictures is a mean; what is transparent is gray', async () => {
  const decode = async (picture: Sharp) => await decodePixels(await picture.png().toBuffer());
  const black = await decode(flat({}));
  expect(meanDifference(black, await decode(flat({ r: 30 })))).toBe(10);
  expect(meanDifference(await decode(flat({ alpha: 0 })), await decode(flat({ r: 255, alpha: 0 })))).toBe(0);
  expect(meanDifference(black, await decode(flat({ alpha: 0 })))).toBe(128);
});

test('the example of a created package is heard and seen', async () => {
  const sound = (await exampleInput.audio.make())!;
  expect(await measureOutput(sound, '')).toMatchObject({ type: 'audio/wav', seconds: 1 });
  const picture = (await exampleInput.image.make())!;
  expect(await measureOutput(picture, '')).toMatchObject({ type: 'image/png', width: 256, height: 256 });
  expect(picture.length).toBeLessThan(2000);
});
