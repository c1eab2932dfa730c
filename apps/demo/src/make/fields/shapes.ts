import type { ParameterDescription } from '@heurist/core/definition';

/** Label -> width divided by height. */
export const RATIOS: Readonly<Record<string, number>> = {
  '1:1': 1,
  '3:4': 3 / 4,
  '2:3': 2 / 3,
  '9:16': 9 / 16,
  '4:3': 4 / 3,
  '3:2': 3 / 2,
  '16:9': 16 / 9,
};

/** A size of this aspect ratio, with the area that the model was trained for. */
export function sizeOf(
  ratio: number,
  width: ParameterDescription,
  height: ParameterDescription,
): { width: number; height: number } {
  const { multipleOf = 8, minimum = 64, maximum = 2048 } = width;
  const area = Number(width.default ?? 512) * Number(height.default ?? 512);
  const side = (pixels: number) => Math.min(maximum, Math.max(minimum, Math.round(pixels / multipleOf) * multipleOf));
  return { width: side(Math.sqrt(area * ratio)), height: side(Math.sqrt(area / ratio)) };
}
