import { readSaved } from '@heurist/test-servers/recordings';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { checkMedia, MEDIA_LIMITS } from './check-media.ts';

const film = readSaved('comfyui.mp4');
const sound = readSaved('comfyui.flac');
const openFile = (bytes: Uint8Array<ArrayBuffer>) =>
  new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });

/** `undefined` when the file is taken. */
const refusal = async (bytes: Uint8Array<ArrayBuffer>, kind: 'image' | 'video' | 'audio', limits: object = {}) =>
  await checkMedia(bytes, kind, { ...MEDIA_LIMITS, ...limits }).then(
    () => undefined,
    ({ code, message }) => `${code}: ${message}`,
  );

describe('pictures', () => {
  const picture = async (frames: number) => {
    const raw = { width: 10, height: 8 * frames, channels: 3, pageHeight: 8 } as const;
    // frames that are the same would become one
    const pixels = Uint8Array.from({ length: 10 * 8 * 3 * frames }, (_, index) => (index * 7) % 251);
    return Uint8Array.from(await sharp(pixels, { raw }).webp({ lossless: true }).toBuffer());
  };

  test('of exactly the limit are taken, with one pixel more they are not', async () => {
    const one = await picture(1);
    expect(await refusal(one, 'image', { pixels: 80 })).toBeUndefined();
    expect(await refusal(one, 'image', { pixels: 79 })).toBe(
      'input_too_large: it has 1 megapixels (10x8), but the limit is 1 megapixels. Send a smaller file.',
    );
  });

  test('all frames count together', async () => {
    const three = await picture(3);
    expect(await refusal(three, 'image', { pixels: 240 })).toBeUndefined();
    expect(await refusal(three, 'image', { pixels: 239 })).toContain('(10x8 in 3 frames)');
  });

  test('the real limit is 68 megapixels, and decoding may take 20 seconds', () => {
    expect([MEDIA_LIMITS.pixels, MEDIA_LIMITS.decodeSeconds]).toEqual([67_108_864, 20]);
  });
});

describe('films', () => {
  test('are limited by all their frames, and by each', async () => {
    using input = openFile(film);
    const track = (await input.getPrimaryVideoTrack())!;
    const [width, height] = [await track.getCodedWidth(), await track.getCodedHeight()];
    const { packetCount } = await track.computePacketStats();
    const whole = width * height * packetCount;
    expect(await refusal(film, 'video')).toBeUndefined();
    expect(await refusal(film, 'video', { filmPixels: whole, pixels: width * height })).toBeUndefined();
    expect(await refusal(film, 'video', { filmPixels: whole - 1 })).toMatch(
      new RegExp(`^input_too_large: its ${packetCount} frames of ${width}x${height} have .*Send a smaller file\\.$`),
    );
    expect(await refusal(film, 'video', { pixels: width * height - 1 })).toContain('input_too_large');
    expect(MEDIA_LIMITS.filmPixels).toBe(2 ** 32);
  });

  test('a sound is not a film', async () => {
    expect(await refusal(sound, 'video')).toBe('input_invalid: it has no frames. Send a complete video.');
  });
});

describe('sounds', () => {
  test('are limited by their length and channels', async () => {
    using input = openFile(sound);
    const track = (await input.getPrimaryAudioTrack())!;
    const [seconds, channels] = [await track.computeDuration(), await track.getNumberOfChannels()];
    expect(await refusal(sound, 'audio')).toBeUndefined();
    expect(await refusal(sound, 'audio', { soundSeconds: seconds, soundChannels: channels })).toBeUndefined();
    expect(await refusal(sound, 'audio', { soundSeconds: seconds - 0.01 })).toMatch(
      /^input_too_large: it lasts \d+ seconds, but the limit is .*Send a smaller file\.$/,
    );
    expect(await refusal(sound, 'audio', { soundChannels: channels - 1 })).toBe(
      `input_too_large: it has ${channels} channels, but the limit is ${channels - 1}. Send a smaller file.`,
    );
    expect([MEDIA_LIMITS.soundSeconds, MEDIA_LIMITS.soundChannels]).toEqual([3600, 8]);
  });

  test('a film without sound is not a sound', async () => {
    expect(await refusal(film, 'audio')).toBe('input_invalid: it has no sound. Send a complete audio file.');
  });
});

test.each(['image', 'video', 'audio'] as const)('bytes that say nothing are damaged as %s', async (kind) => {
  expect(await refusal(new Uint8Array(200), kind)).toMatch(
    /^input_invalid: it is damaged or cut off \(.+\)\. Send a complete .+\.$/,
  );
});
