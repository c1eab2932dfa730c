/** Pixels that a picture may have, all frames of an animation together: what miners take, and what the engine makes. */
export const MAX_PIXELS = 2 ** 26;

/** `24 megapixels`, `4.1 megapixels`: never rounded up, so that a limit is kept. */
export function megapixels(pixels: number): string {
  const millions = pixels / 1e6;
  return `${millions < 10 ? Math.floor(millions * 10) / 10 : Math.floor(millions)} megapixels`;
}
