import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { drawStroke } from './mask-drawing.ts';
import { imagePoint, keyStroke, type Point } from './mask-geometry.ts';

/**
 * Painting on a canvas with the pointer or the keyboard.
 *
 * @param brush - width in pixels of the image
 * @param onPainted - called at the end of each stroke
 * @returns where the keyboard's brush is, and the handlers of the canvas
 */
export function useMaskPainting(brush: number, onPainted: (canvas: HTMLCanvasElement) => void) {
  const last = useRef<Point>(undefined);
  const [cursor, setCursor] = useState<Point>();
  const paintTo = (canvas: HTMLCanvasElement, from: Point, to: Point) => {
    drawStroke(canvas, from, to, brush);
    last.current = to;
  };
  const handlers = {
    onPointerDown(event: PointerEvent<HTMLCanvasElement>) {
      event.currentTarget.setPointerCapture(event.pointerId);
      const start = pointOf(event);
      paintTo(event.currentTarget, start, start);
    },
    onPointerMove(event: PointerEvent<HTMLCanvasElement>) {
      if (last.current) paintTo(event.currentTarget, last.current, pointOf(event));
    },
    onPointerUp({ currentTarget }: PointerEvent<HTMLCanvasElement>) {
      last.current = undefined;
      onPainted(currentTarget);
    },
    onKeyDown(event: KeyboardEvent<HTMLCanvasElement>) {
      const stroke = keyStroke(event, cursor, brush, event.currentTarget);
      if (!stroke) return;
      event.preventDefault();
      setCursor(stroke.to);
      if (!stroke.isPainting) return;
      drawStroke(event.currentTarget, stroke.from, stroke.to, brush);
      onPainted(event.currentTarget);
    },
  };
  return { cursor, handlers };
}

function pointOf({ clientX, clientY, currentTarget }: PointerEvent<HTMLCanvasElement>): Point {
  return imagePoint({ x: clientX, y: clientY }, currentTarget.getBoundingClientRect(), currentTarget);
}
