/** Pixels that a picture may have, all frames of an animation together: what miners take, and what the engine makes. */
export const MAX_PIXELS = 2 ** 26;

/** Bytes that an uploaded file may have. */
export const MAX_UPLOAD_BYTES = 50_000_000;

/** Kinds of pictures that are taken, as people call them -> their media types. */
export const PICTURE_TYPES = {
  PNG: 'image/png',
  JPEG: 'image/jpeg',
  WebP: 'image/webp',
  GIF: 'image/gif',
  AVIF: 'image/avif',
} as const;

/** `PNG, JPEG, WebP, GIF or AVIF`. */
export const PICTURE_KINDS = Object.keys(PICTURE_TYPES)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

/** `24 megapixels`, `4.1 megapixels`: never rounded up, so that a limit is kept. */
export function megapixels(pixels: number): string {
  const millions = pixels / 1e6;
  return `${millions < 10 ? Math.floor(millions * 10) / 10 : Math.floor(millions)} megapixels`;
}

/** Side of the largest square: an example of a size that is taken. */
export const sideOf = (pixels: number): string => {
  const side = Math.floor(Math.sqrt(pixels));
  return `${side} x ${side}`;
};
