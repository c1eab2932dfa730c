import type { Point } from './mask-geometry.ts';

/** Visible on images of any colour. */
const PAINT = '#f0f';

/** Draws a stroke of the brush; between equal points, a dot. */
export function drawStroke(canvas: HTMLCanvasElement, from: Point, to: Point, width: number): void {
  const context = canvas.getContext('2d')!;
  context.strokeStyle = PAINT;
  context.fillStyle = PAINT;
  context.lineCap = 'round';
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  // a line without length is not drawn, not even its ends
  context.beginPath();
  context.arc(to.x, to.y, width / 2, 0, 2 * Math.PI);
  context.fill();
}

/** Removes everything that was painted. */
export function clearMask(canvas: HTMLCanvasElement): void {
  canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
}

/** Paints the whole image. */
export function fillMask(canvas: HTMLCanvasElement): void {
  clearMask(canvas);
  const context = canvas.getContext('2d')!;
  context.fillStyle = PAINT;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/**
 * Paints what a saved mask covers: it is white there.
 *
 * @param address - a picture of this server
 */
export async function paintSaved(canvas: HTMLCanvasElement, address: string): Promise<void> {
  const saved = new Image();
  saved.src = address;
  await saved.decode();
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height);
  const context = copy.getContext('2d')!;
  context.drawImage(saved, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = pixels.data[at]!;
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = PAINT;
  context.fillRect(0, 0, width, height);
  canvas.getContext('2d')!.drawImage(copy, 0, 0);
}

/** The mask as a PNG: white where it was painted, black elsewhere. */
export async function maskImage(canvas: HTMLCanvasElement): Promise<Blob> {
  const { width, height } = canvas;
  const whole = new OffscreenCanvas(width, height);
  const context = whole.getContext('2d')!;
  context.drawImage(canvas, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  return await whole.convertToBlob({ type: 'image/png' });
}
