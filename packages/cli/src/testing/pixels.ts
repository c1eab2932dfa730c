import sharp from 'sharp';

/** A picture as red, green, blue and alpha of eight bits each. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Values that differ by no more than this look the same: what JPEG leaves of one colour. */
const LIKE_ONE = 8;
/** What shines through where a picture is transparent. */
const GRAY = 128;

/** Decodes a picture; of an animation, one frame. */
export async function decodePixels(bytes: Uint8Array, page = 0): Promise<Pixels> {
  const picture = sharp(bytes, { page }).toColourspace('srgb').ensureAlpha();
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Frames of an animation that are looked at. */
const MOST_FRAMES = 8;

/** The first frame of a picture, and some of the others if it is an animation. */
export async function decodeFrames(bytes: Uint8Array): Promise<[first: Pixels, ...others: Pixels[]]> {
  const { pages = 1 } = await sharp(bytes).metadata();
  const count = Math.min(pages, MOST_FRAMES);
  const others = Array.from({ length: count - 1 }, (_, index) => Math.round(((index + 1) * (pages - 1)) / (count - 1)));
  const decoded: [Pixels, ...Pixels[]] = [await decodePixels(bytes)];
  for (const page of others) decoded.push(await decodePixels(bytes, page));
  return decoded;
}

/** Why a picture shows nothing; `undefined` if it shows something. */
export function blankness({ data }: Pixels): 'black' | 'transparent' | 'of one colour' | undefined {
  const least = [255, 255, 255, 255];
  const most = [0, 0, 0, 0];
  for (const [index, value] of data.entries()) {
    const channel = index % 4;
    if (value < least[channel]!) least[channel] = value;
    if (value > most[channel]!) most[channel] = value;
  }
  if (most[3]! <= LIKE_ONE) return 'transparent';
  if (most.some((value, channel) => value - least[channel]! > LIKE_ONE)) return undefined;
  return most.slice(0, 3).every((value) => value <= LIKE_ONE) ? 'black' : 'of one colour';
}

/** The mean absolute difference of two pictures of the same size, from 0 to 255. Where they are transparent, both stand on gray. */
export function meanDifference(a: Pixels, b: Pixels): number {
  let sum = 0;
  for (let index = 0; index < a.data.length; index += 4)
    for (let channel = index; channel < index + 3; channel++)
      sum += Math.abs(onGray(a.data[channel]!, a.data[index + 3]!) - onGray(b.data[channel]!, b.data[index + 3]!));
  return sum / (a.width * a.height * 3);
}

const onGray = (value: number, alpha: number) => GRAY + ((value - GRAY) * alpha) / 255;
