import type { FileParameter } from '@heurist/core/definition';
import { latin1, viewOf } from '@heurist/media-metadata/bytes';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import sharp from 'sharp';
import { InputError } from './input-error.ts';

/** How much a file may unfold to. */
export interface MediaLimits {
  /** Pixels of a picture, all its frames together: ComfyUI holds each as three numbers of four bytes, several times. */
  pixels: number;
  /** Pixels of a film, all its frames together. */
  filmPixels: number;
  soundSeconds: number;
  soundChannels: number;
  /** How long decoding may take, in seconds: a picture within the limits takes one or two. */
  decodeSeconds: number;
}

export const MEDIA_LIMITS: MediaLimits = {
  pixels: 2 ** 26,
  // 86 seconds of full HD with 24 frames a second
  filmPixels: 2 ** 32,
  soundSeconds: 3600,
  soundChannels: 8,
  decodeSeconds: 20,
};

const millions = (pixels: number) => `${Math.ceil(pixels / 1e6)} megapixels`;

/**
 * Checks that a file is what its first bytes promise, and no larger than a ComfyUI can hold: a picture of a few kilobytes can
 * fill the memory. Sizes are checked before anything is decoded. Pictures are decoded to the end, films and sounds are read
 * packet by packet.
 *
 * @throws {InputError} whose message says about "it" what is wrong and how to fix it
 */
export async function checkMedia(
  bytes: Uint8Array<ArrayBuffer>,
  kind: FileParameter['kind'],
  limits: MediaLimits = MEDIA_LIMITS,
): Promise<void> {
  if (kind === 'image') await checkPicture(bytes, limits);
  else if (kind !== 'file') await checkPackets(bytes, kind, limits);
}

async function checkPicture(bytes: Uint8Array, limits: MediaLimits): Promise<void> {
  const options = { limitInputPixels: false, pages: -1, sequentialRead: true } as const;
  const picture = sharp(bytes, options).timeout({ seconds: limits.decodeSeconds });
  const fail = damaged('a complete PNG, JPEG or WebP');
  const found = await picture.metadata().catch(fail);
  const canvas = canvasOfGif(bytes);
  const width = Math.max(found.width, canvas.width);
  const height = Math.max(found.pageHeight ?? found.height, canvas.height);
  const frames = Math.max(found.pages ?? 1, framesOfPng(bytes));
  const pixels = width * height * frames;
  if (pixels > limits.pixels) {
    const size = `${width}x${height}${frames > 1 ? ` in ${frames} frames` : ''}`;
    throw tooLarge(`it has ${millions(pixels)} (${size}), but the limit is ${millions(limits.pixels)}`);
  }
  await picture.toColourspace('b-w').removeAlpha().raw().toBuffer().catch(fail);
}

/** The decoder's message has several lines, of which the first says most. */
function damaged(wanted: string): (error: Error) => never {
  return ({ message }) => {
    throw invalid(`it is damaged or cut off (${message.split('\n')[0]}). Send ${wanted}`);
  };
}

function invalid(message: string): InputError {
  return new InputError('input_invalid', `${message}.`);
}

function tooLarge(message: string): InputError {
  return new InputError('input_too_large', `${message}. Send a smaller file.`);
}

/** The frames of an animated PNG, which libvips does not count but ComfyUI reads: https://www.w3.org/TR/png-3/#acTL-chunk */
function framesOfPng(bytes: Uint8Array): number {
  if (latin1(bytes, 1, 4) !== 'PNG') return 1;
  const view = viewOf(bytes);
  for (let start = 8; start + 16 <= bytes.length; start += 12 + view.getUint32(start)) {
    const type = latin1(bytes, start + 4, start + 8);
    if (type === 'acTL') return view.getUint32(start + 8);
    if (type === 'IDAT') return 1;
  }
  return 1;
}

/** What a GIF says its canvas is, where libvips goes by the frames: https://www.w3.org/Graphics/GIF/spec-gif89a.txt, 18 */
function canvasOfGif(bytes: Uint8Array): { width: number; height: number } {
  if (latin1(bytes, 0, 3) !== 'GIF' || bytes.length < 10) return { width: 0, height: 0 };
  const view = viewOf(bytes);
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

async function checkPackets(
  bytes: Uint8Array<ArrayBuffer>,
  kind: 'video' | 'audio',
  limits: MediaLimits,
): Promise<void> {
  using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  if (kind === 'video') await checkFilm(input, limits);
  else await checkSound(input, limits);
}

async function checkFilm(input: Input, limits: MediaLimits): Promise<void> {
  const fail = damaged('a complete video');
  const track = await input.getPrimaryVideoTrack().catch(fail);
  if (!track) throw invalid('it has no frames. Send a complete video');
  const [width, height, { packetCount }] = await Promise.all([
    track.getCodedWidth(),
    track.getCodedHeight(),
    track.computePacketStats(),
  ]).catch(fail);
  const pixels = width * height * packetCount;
  if (!(pixels > 0)) throw invalid('it has no frames. Send a complete video');
  if (pixels > limits.filmPixels || width * height > limits.pixels)
    throw tooLarge(
      `its ${packetCount} frames of ${width}x${height} have ${millions(pixels)}, but the limit is ${millions(limits.filmPixels)}, and ${millions(limits.pixels)} per frame`,
    );
}

async function checkSound(input: Input, limits: MediaLimits): Promise<void> {
  const fail = damaged('a complete audio file');
  const track = await input.getPrimaryAudioTrack().catch(fail);
  if (!track) throw invalid('it has no sound. Send a complete audio file');
  const [seconds, channels] = await Promise.all([track.computeDuration(), track.getNumberOfChannels()]).catch(fail);
  if (!(seconds > 0)) throw invalid('it has no sound. Send a complete audio file');
  if (seconds > limits.soundSeconds)
    throw tooLarge(`it lasts ${Math.ceil(seconds)} seconds, but the limit is ${limits.soundSeconds}`);
  if (channels > limits.soundChannels)
    throw tooLarge(`it has ${channels} channels, but the limit is ${limits.soundChannels}`);
}
