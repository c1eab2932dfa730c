import { type ReactNode, useRef } from 'react';
import { type Size, shownScale } from '../lib/picture-size.ts';
import { useRoom } from './use-room.ts';

/** A picture as large as there is room: small ones at a whole multiple, pixel by pixel, and not blurred. */
export function PictureFrame({ size, children }: { size: Size | undefined; children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const room = useRoom(frame);
  const scale = room && size && shownScale(size, room);
  return (
    <div ref={frame} className="frame">
      <div
        className="framed"
        data-scale={scale}
        style={
          scale ? { width: size.width * scale, height: size.height * scale } : { maxWidth: '100%', maxHeight: '100%' }
        }
      >
        {children}
      </div>
    </div>
  );
}
