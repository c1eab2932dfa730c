import sharp, { type OutputInfo } from 'sharp';
import { checkSize, createImage, type ImageBatch, type MaskBatch, thumbnail, toBytes } from './image.ts';

/**
 * Reads a picture file the way ComfyUI's LoadImage does: upright by EXIF, RGB without alpha, and a mask that is 1 where
 * the picture is transparent (64x64 zeros where it has no alpha).
 *
 * @throws for a damaged file, a file that is not a picture, or too many pixels; the message says how to fix it
 */
export async function readPicture(path: string, name: string): Promise<{ image: ImageBatch; mask: MaskBatch }> {
  const { data, info } = await decode(path, name);
  const pixels = info.width * info.height;
  const image = createImage(1, info.height, info.width, 3);
  const hasAlpha = info.channels === 4;
  const mask = hasAlpha ? createImage(1, info.height, info.width, 1) : createImage(1, 64, 64, 1);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      image.data[pixel * 3 + channel] = data[pixel * info.channels + channel]! / 255;
    if (hasAlpha) mask.data[pixel] = 1 - data[pixel * 4 + 3]! / 255;
  }
  return { image, mask };
}

async function decode(path: string, name: string) {
  try {
    // sharp's own pixel limit would hide our message
    const file = sharp(path, { limitInputPixels: false, failOn: 'truncated' });
    const { width = 0, height = 0 } = await file.metadata();
    checkSize(width, height, `Picture ${name}`);
    return await file
      .autoOrient()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .then(asRgb);
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('megapixels')) throw error;
    throw new Error(
      `Cannot decode picture ${name} (${message.split('\n')[0]}). The file is damaged or not a picture: send a complete PNG, JPEG or WebP.`,
    );
  }
}

/** Grey pictures have one or two channels; the rest of the engine knows three and four. */
function asRgb({ data, info }: { data: Buffer; info: OutputInfo }) {
  if (info.channels >= 3) return { data, info };
  const pixels = info.width * info.height;
  const channels = info.channels === 2 ? 4 : 3;
  const wide = Buffer.alloc(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    wide.fill(data[pixel * info.channels]!, pixel * channels, pixel * channels + 3);
    if (channels === 4) wide[pixel * 4 + 3] = data[pixel * 2 + 1]!;
  }
  return { data: wide, info: { ...info, channels } as OutputInfo };
}

/** Encodes one picture as PNG, at ComfyUI's compression level. */
export async function encodePng(image: ImageBatch, compressionLevel = 4): Promise<Buffer> {
  return await rawPicture(toBytes(image.data), image).png({ compressionLevel }).toBuffer();
}

/** How to encode an animation. */
export interface AnimationOptions {
  /** Frames a second. */
  fps: number;
  lossless: boolean;
  /** 0 to 100. */
  quality: number;
  /** libwebp's 0 (fast) to 6 (small). */
  effort: number;
}

/** Encodes a batch as the frames of one WebP that repeats without end. */
export async function encodeAnimatedWebp(
  image: ImageBatch,
  { fps, lossless, quality, effort }: AnimationOptions,
): Promise<Buffer> {
  const { width, height, channels, batch } = image;
  // frames lie below one another
  const raw = { width, height: height * batch, channels: channels as 3 | 4, pageHeight: height };
  const delay = Array<number>(batch).fill(Math.round(1000 / fps));
  return await sharp(toBytes(image.data), { raw, limitInputPixels: false })
    .webp({ lossless, quality: Math.max(1, quality), effort, delay, loop: 0 })
    .toBuffer();
}

/** Encodes a preview: JPEG, at most 512 pixels on the longer side. */
export async function encodePreview(image: ImageBatch): Promise<Buffer> {
  const small = thumbnail(image, 512);
  return await rawPicture(toBytes(small.data), small).flatten().jpeg({ quality: 85 }).toBuffer();
}

function rawPicture(bytes: Uint8Array, { width, height, channels }: ImageBatch) {
  return sharp(bytes, { raw: { width, height, channels: channels as 3 | 4 }, limitInputPixels: false });
}
