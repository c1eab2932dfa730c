/** A place on an image, in its pixels. */
export interface Point {
  x: number;
  y: number;
}

/** Size of an image, in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Where an element is on the screen. */
export interface Box extends Size {
  left: number;
  top: number;
}

const arrows: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** @param percent - of the image's longer side */
export const brushWidth = (percent: number, { width, height }: Size): number =>
  (percent / 100) * Math.max(width, height);

/** The point of the image under a point of the screen. */
export function imagePoint({ x, y }: Point, { left, top, width, height }: Box, image: Size): Point {
  return { x: ((x - left) / width) * image.width, y: ((y - top) / height) * image.height };
}

/** What a key does to the brush. */
export interface KeyStroke {
  from: Point;
  to: Point;
  /** Whether it paints on its way. */
  isPainting: boolean;
}

/**
 * Arrow keys move the brush by half its width, painting with Shift; Space paints where it is.
 *
 * @param from - `undefined`: the middle
 * @returns `undefined` for other keys
 */
export function keyStroke(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  from: Point | undefined,
  brush: number,
  image: Size,
): KeyStroke | undefined {
  const direction = key === ' ' ? { x: 0, y: 0 } : arrows[key];
  if (!direction) return undefined;
  const here = from ?? { x: image.width / 2, y: image.height / 2 };
  const step = brush / 2;
  const to = {
    x: within(here.x + direction.x * step, image.width),
    y: within(here.y + direction.y * step, image.height),
  };
  return { from: here, to, isPainting: key === ' ' || shiftKey };
}

const within = (value: number, max: number) => Math.min(max, Math.max(0, value));
