import { latin1, type Span, viewOf } from './bytes.ts';

/** A box of MP4, MOV, M4A, AVIF and HEIC: ISO/IEC 14496-12, 4.2. */
export interface Box extends Span {
  type: string;
  content: number;
}

/** The boxes of a part of a file, up to the first that is damaged. */
export function boxesOf(bytes: Uint8Array, from = 0, to = bytes.length): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let start = from; start + 8 <= to; ) {
    const short = view.getUint32(start);
    // 1: the size is in the next eight bytes; 0: up to the end
    const isLong = short === 1 && start + 16 <= to;
    const size = isLong ? Number(view.getBigUint64(start + 8)) : short || to - start;
    const content = start + (isLong ? 16 : 8);
    const end = Math.min(start + size, to);
    if (start + size < content) break;
    boxes.push({ type: latin1(bytes, start + 4, start + 8), start, content, end });
    start = end;
  }
  return boxes;
}
