/** ComfyUI's IMAGE: a batch of pictures, `[batch, height, width, channels]`, floats from 0 to 1. */
export interface ImageBatch {
  batch: number;
  height: number;
  width: number;
  /** 3 (RGB) or 4 (RGBA). */
  channels: number;
  data: Float32Array;
}

/** ComfyUI's MASK: `[batch, height, width]`, floats from 0 to 1; 1 is masked (transparent). */
export type MaskBatch = Omit<ImageBatch, 'channels'>;

/** More pixels than this in one picture are refused: 64 megapixels take about a gigabyte as floats. */
const MAX_PIXELS = 64 * 2 ** 20;

/** @throws when a picture of this size would not fit into memory */
export function checkSize(width: number, height: number, what: string): void {
  if (width * height <= MAX_PIXELS) return;
  const megapixels = ((width * height) / 1e6).toFixed(1);
  throw new Error(
    `${what} would be ${width}x${height} (${megapixels} megapixels); this engine handles up to ${Math.floor(MAX_PIXELS / 1e6)}. Use a smaller picture.`,
  );
}

/** A black picture, or a batch of them. */
export function createImage(batch: number, height: number, width: number, channels: number): ImageBatch {
  return { batch, height, width, channels, data: new Float32Array(batch * height * width * channels) };
}

/** A new image with `map` applied to every value. */
export function mapValues(image: ImageBatch, map: (value: number, index: number) => number): ImageBatch {
  return { ...image, data: image.data.map(map) };
}

/** The part of every picture from (x, y), `width` by `height`. */
export function cropImage(image: ImageBatch, x: number, y: number, width: number, height: number): ImageBatch {
  const { channels } = image;
  const result = createImage(image.batch, height, width, channels);
  for (let row = 0; row < image.batch * height; row++) {
    const picture = Math.floor(row / height);
    const from = ((picture * image.height + y + (row % height)) * image.width + x) * channels;
    result.data.set(image.data.subarray(from, from + width * channels), row * width * channels);
  }
  return result;
}

/** The pictures of a batch, one by one, sharing its memory. */
export function pictures(image: ImageBatch): ImageBatch[] {
  const size = image.height * image.width * image.channels;
  return Array.from({ length: image.batch }, (_, index) => ({
    ...image,
    batch: 1,
    data: image.data.subarray(index * size, (index + 1) * size),
  }));
}

/** One batch out of several of the same size. */
export function concatBatches(images: ImageBatch[]): ImageBatch {
  const [first] = images;
  if (!first) throw new Error('No pictures to batch.');
  const result = createImage(
    images.reduce((sum, { batch }) => sum + batch, 0),
    first.height,
    first.width,
    first.channels,
  );
  let offset = 0;
  for (const { data } of images) {
    result.data.set(data, offset);
    offset += data.length;
  }
  return result;
}

/** The same pictures with this many channels: alpha is dropped, or added as opaque. */
export function withChannels(image: ImageBatch, channels: number): ImageBatch {
  if (image.channels === channels) return image;
  const result = createImage(image.batch, image.height, image.width, channels);
  const pixels = image.batch * image.height * image.width;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let channel = 0; channel < channels; channel++)
      result.data[pixel * channels + channel] =
        channel < image.channels ? image.data[pixel * image.channels + channel]! : 1;
  return result;
}

/** Values from 0 to 1 as bytes, cut and truncated the way ComfyUI saves (`255 * value`, clipped, to uint8). */
export function toBytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    bytes[index] = Math.min(255, Math.max(0, data[index]! * 255));
  }
  return bytes;
}

/** The first picture of a batch made small by leaving pixels out: good enough for a preview, and fast. */
export function thumbnail(image: ImageBatch, longestSide: number): ImageBatch {
  const step = Math.max(1, Math.ceil(Math.max(image.width, image.height) / longestSide));
  const small = createImage(1, Math.ceil(image.height / step), Math.ceil(image.width / step), image.channels);
  for (let y = 0; y < small.height; y++)
    for (let x = 0; x < small.width; x++) {
      const from = (y * step * image.width + x * step) * image.channels;
      const to = (y * small.width + x) * image.channels;
      for (let channel = 0; channel < image.channels; channel++) small.data[to + channel] = image.data[from + channel]!;
    }
  return small;
}
