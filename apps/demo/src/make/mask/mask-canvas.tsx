import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
import type { FileValue } from '../../../shared/api.ts';
import { addressOf } from '../../lib/file-value.ts';
import { paintSaved } from './mask-drawing.ts';
import { brushWidth, type Point, type Size } from './mask-geometry.ts';
import { useMaskPainting } from './use-mask-painting.ts';

interface MaskCanvasProps {
  ref: RefObject<HTMLCanvasElement | null>;
  image: FileValue;
  /** Address of what was painted before. */
  saved: string | undefined;
  /** Width of the brush, in percent of the image's longer side. */
  brush: number;
  /** Called at the end of each stroke. */
  onPainted: (canvas: HTMLCanvasElement) => void;
  'data-option'?: string | undefined;
}

/** The image, and over it a canvas of the same size to paint on. */
export function MaskCanvas({ ref, image, saved, brush, onPainted, 'data-option': option }: MaskCanvasProps) {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const width = brushWidth(brush, size);
  const { cursor, handlers } = useMaskPainting(width, onPainted);
  const showSaved = useEffectEvent(() => {
    // one that has expired is painted anew
    if (ref.current && saved) paintSaved(ref.current, saved).catch(() => {});
  });
  // a canvas of another size is empty
  useEffect(showSaved, [size.width, size.height]);
  return (
    <div className="mask">
      <img
        src={addressOf(image)}
        alt="To paint on"
        onLoad={({ currentTarget }) =>
          setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
      />
      {size.width > 0 && (
        // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas handles the keys itself, to paint
        <canvas
          ref={ref}
          {...size}
          {...handlers}
          data-option={option}
          tabIndex={0}
          role="application"
          aria-label="Mask. Paint with the pointer. On the keyboard, arrow keys move the brush, Space paints, and Shift with arrow keys paints a line."
        />
      )}
      {cursor && <BrushCursor at={cursor} width={width} size={size} />}
    </div>
  );
}

function BrushCursor({ at, width, size }: { at: Point; width: number; size: Size }) {
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
  const style = {
    left: percent(at.x, size.width),
    top: percent(at.y, size.height),
    width: percent(width, size.width),
  };
  return <span aria-hidden className="brush" style={style} />;
}
