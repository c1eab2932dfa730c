import type { FileParameter } from '@heurist/core/definition';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import sharp from 'sharp';
import { latin1, viewOf } from '../output/metadata/bytes.ts';
import { InputError } from './input-error.ts';

/** Most pixels of a picture, all its frames together: ComfyUI holds each as three numbers of four bytes, several times. */
const MAX_PIXELS = 2 ** 26;
/** Most pixels of a film, all its frames together: 86 seconds of full HD with 24 frames a second. */
const MAX_FILM_PIXELS = 2 ** 32;
const MAX_SOUND_SECONDS = 3600;
const MAX_CHANNELS = 8;
/** A picture within the limits takes a second or two. */
const DECODE_SECONDS = 20;

const millions = (pixels: number) => `${Math.ceil(pixels / 1e6)} megapixels`;

/**
 * Looks whether a file is what its first bytes promise, and no larger than a ComfyUI can hold: a picture of a few kilobytes can
 * fill a memory. Sizes are looked at before anything is decoded. Pictures are decoded to the end, films and sounds are read as
 * far as their packets go.
 *
 * @throws {InputError} whose message says of "it" what is wrong, and the mend
 */
export async function checkMedia(bytes: Uint8Array<ArrayBuffer>, kind: FileParameter['kind']): Promise<void> {
  if (kind === 'image') await checkPicture(bytes);
  else await checkPackets(bytes, kind);
}

async function checkPicture(bytes: Uint8Array): Promise<void> {
  const options = { limitInputPixels: false, pages: -1, sequentialRead: true } as const;
  const picture = sharp(bytes, options).timeout({ seconds: DECODE_SECONDS });
  const fail = damaged('a whole PNG, JPEG or WebP');
  const found = await picture.metadata().catch(fail);
  const canvas = canvasOfGif(bytes);
  const width = Math.max(found.width, canvas.width);
  const height = Math.max(found.pageHeight ?? found.height, canvas.height);
  const frames = Math.max(found.pages ?? 1, framesOfPng(bytes));
  const pixels = width * height * frames;
  if (pixels > MAX_PIXELS) {
    const size = `${width}x${height}${frames > 1 ? ` in ${frames} frames` : ''}`;
    throw tooLarge(`it has ${millions(pixels)} (${size}), and at most ${millions(MAX_PIXELS)} are taken`);
  }
  await picture.toColourspace('b-w').removeAlpha().raw().toBuffer().catch(fail);
}

/** What reads it says more than one line, of which the first tells most. */
function damaged(mend: string): (error: Error) => never {
  return ({ message }) => {
    throw invalid(`it is damaged or cut off (${message.split('\n')[0]}). Send ${mend}`);
  };
}

function invalid(message: string): InputError {
  return new InputError('input_invalid', `${message}.`);
}

function tooLarge(message: string): InputError {
  return new InputError('input_too_large', `${message}. Send a smaller one.`);
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

async function checkPackets(bytes: Uint8Array<ArrayBuffer>, kind: 'video' | 'audio'): Promise<void> {
  using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  if (kind === 'video') await checkFilm(input);
  else await checkSound(input);
}

async function checkFilm(input: Input): Promise<void> {
  const fail = damaged('a whole film');
  const track = await input.getPrimaryVideoTrack().catch(fail);
  if (!track) throw invalid('it has no pictures. Send a whole film');
  const [width, height, { packetCount }] = await Promise.all([
    track.getCodedWidth(),
    track.getCodedHeight(),
    track.computePacketStats(),
  ]).catch(fail);
  const pixels = width * height * packetCount;
  if (!(pixels > 0)) throw invalid('it has no pictures. Send a whole film');
  if (pixels > MAX_FILM_PIXELS || width * height > MAX_PIXELS)
    throw tooLarge(
      `its ${packetCount} frames of ${width}x${height} are ${millions(pixels)}, and at most ${millions(MAX_FILM_PIXELS)} are taken`,
    );
}

async function checkSound(input: Input): Promise<void> {
  const fail = damaged('a whole file');
  const track = await input.getPrimaryAudioTrack().catch(fail);
  if (!track) throw invalid('it has no sound. Send a whole file');
  const [seconds, channels] = await Promise.all([track.computeDuration(), track.getNumberOfChannels()]).catch(fail);
  if (!(seconds > 0)) throw invalid('it has no sound. Send a whole file');
  if (seconds > MAX_SOUND_SECONDS)
    throw tooLarge(`it lasts ${Math.ceil(seconds)} seconds, and at most ${MAX_SOUND_SECONDS} are taken`);
  if (channels > MAX_CHANNELS) throw tooLarge(`it has ${channels} channels, and at most ${MAX_CHANNELS} are taken`);
}
