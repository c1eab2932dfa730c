import type { Tensor } from '../inference/tensor.ts';
import { createImage, type ImageBatch } from './image.ts';

/** Networks see the surroundings of a tile up to here; 16 input pixels leave no visible seam. */
const PADDING = 16;

/** A tile: its core, which is kept, and what the network sees. All in input pixels. */
export interface Tile {
  core: Box;
  seen: Box;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Splits a picture into equal tiles, so that memory stays bounded and there is progress to report.
 *
 * @param size - largest core of a tile, in pixels
 */
export function planTiles(width: number, height: number, size = 192): Tile[] {
  const columns = split(width, size);
  return split(height, size).flatMap(([y, tileHeight]) =>
    columns.map(([x, tileWidth]) => {
      const core = { x, y, width: tileWidth, height: tileHeight };
      return { core, seen: pad(core, width, height) };
    }),
  );
}

function split(length: number, size: number): [start: number, length: number][] {
  const count = Math.ceil(length / size);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * length) / count);
    return [start, Math.floor(((index + 1) * length) / count) - start];
  });
}

function pad({ x, y, width, height }: Box, right: number, bottom: number): Box {
  const [left, top] = [Math.max(0, x - PADDING), Math.max(0, y - PADDING)];
  return {
    x: left,
    y: top,
    width: Math.min(right, x + width + PADDING) - left,
    height: Math.min(bottom, y + height + PADDING) - top,
  };
}

/** Cuts a box out of an RGB picture, as planes. */
function toPlanes(image: ImageBatch, { x, y, width, height }: Box): Tensor {
  const data = new Float32Array(3 * width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = ((y + row) * image.width + x + column) * image.channels;
      const to = row * width + column;
      for (let plane = 0; plane < 3; plane++) data[plane * width * height + to] = image.data[from + plane]!;
    }
  return { data, dims: [1, 3, height, width] };
}

/** Puts the core of an upscaled tile into the result. */
function placeTile(result: ImageBatch, { core, seen }: Tile, planes: Tensor, scale: number): void {
  const width = seen.width * scale;
  const size = width * seen.height * scale;
  const left = (core.x - seen.x) * scale;
  const top = (core.y - seen.y) * scale;
  for (let row = 0; row < core.height * scale; row++) {
    let from = (top + row) * width + left;
    let to = ((core.y * scale + row) * result.width + core.x * scale) * 3;
    for (let column = 0; column < core.width * scale; column++, from++)
      for (let plane = 0; plane < 3; plane++)
        result.data[to++] = Math.min(1, Math.max(0, planes.data[plane * size + from]!));
  }
}

/**
 * Upscales one picture, tile by tile.
 *
 * @param run - the network on one tile
 * @param onTile - called after each tile with how many are done and the picture so far
 */
export async function upscalePicture(
  image: ImageBatch,
  tiles: Tile[],
  run: (input: Tensor) => Promise<Tensor>,
  onTile: (done: number, result: ImageBatch) => Promise<void>,
): Promise<ImageBatch> {
  let result: ImageBatch | undefined;
  let done = 0;
  for (const tile of tiles) {
    const planes = await run(toPlanes(image, tile.seen));
    const scale = planes.dims[3]! / tile.seen.width;
    result ??= createImage(1, image.height * scale, image.width * scale, 3);
    placeTile(result, tile, planes, scale);
    await onTile(++done, result);
  }
  if (!result) throw new Error('The picture has no pixels.');
  return result;
}
