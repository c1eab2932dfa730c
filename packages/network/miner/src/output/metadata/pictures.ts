import { latin1, type Span, viewOf, without } from './bytes.ts';

/** Text and Exif chunks: https://www.w3.org/TR/png-3/#11textinfo */
const PNG_TEXT = /^(tEXt|zTXt|iTXt|eXIf)$/;

/** A PNG without its texts. */
export function stripPng(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const spans: Span[] = [];
  for (let start = 8; start + 12 <= bytes.length; ) {
    const end = start + 12 + view.getUint32(start);
    if (PNG_TEXT.test(latin1(bytes, start + 4, start + 8))) spans.push({ start, end: Math.min(end, bytes.length) });
    start = end;
  }
  return without(bytes, spans);
}

/** Bits of the header that say that there is Exif and XMP: https://developers.google.com/speed/webp/docs/riff_container */
const WEBP_FLAGS = 0b1100;

/** A WebP without Exif and XMP. */
export function stripWebp(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const spans: Span[] = [];
  for (let start = 12; start + 8 <= bytes.length; ) {
    const size = viewOf(bytes).getUint32(start + 4, true);
    const end = start + 8 + size + (size % 2);
    if (/^(EXIF|XMP )$/.test(latin1(bytes, start, start + 4))) spans.push({ start, end: Math.min(end, bytes.length) });
    start = end;
  }
  const kept = without(bytes, spans);
  viewOf(kept).setUint32(4, kept.length - 8, true);
  if (latin1(kept, 12, 16) === 'VP8X') kept[20]! &= ~WEBP_FLAGS;
  return kept;
}

/** Application segments 1 (Exif, XMP) and 13, and comments. Segment 0 and 2 say how the pixels are to be read. */
const JPEG_TEXT = [0xe1, 0xed, 0xfe];
const START_OF_SCAN = 0xda;

/** A JPEG without Exif, XMP and comments. */
export function stripJpeg(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const spans: Span[] = [];
  for (let start = 2; start + 4 <= bytes.length && bytes[start] === 0xff && bytes[start + 1] !== START_OF_SCAN; ) {
    const end = start + 2 + viewOf(bytes).getUint16(start + 2);
    if (JPEG_TEXT.includes(bytes[start + 1]!)) spans.push({ start, end: Math.min(end, bytes.length) });
    start = end;
  }
  return without(bytes, spans);
}
