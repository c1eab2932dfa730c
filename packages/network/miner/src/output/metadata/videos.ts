import { latin1, viewOf } from './bytes.ts';

/** Boxes that only hold others, as far as metadata is below them. */
const MP4_FOLDERS = /^(moov|trak)$/;
/** What is said about the film: ISO/IEC 14496-12, 8.10 and 8.11. */
const MP4_TEXT = /^(udta|meta)$/;

/** An MP4 or MOV whose texts are free space: whatever points into the file still points right. */
export function stripMp4(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = Uint8Array.from(bytes);
  blankBoxes(kept, 0, kept.length);
  return kept;
}

function blankBoxes(bytes: Uint8Array, from: number, to: number): void {
  const view = viewOf(bytes);
  for (let start = from; start + 8 <= to; ) {
    const type = latin1(bytes, start + 4, start + 8);
    const short = view.getUint32(start);
    // 1: the size is in the next eight bytes; 0: up to the end
    const isLong = short === 1 && start + 16 <= to;
    const size = isLong ? Number(view.getBigUint64(start + 8)) : short || to - start;
    const head = isLong ? 16 : 8;
    const end = Math.min(start + size, to);
    if (size < head) return;
    if (MP4_TEXT.test(type)) {
      bytes.set([0x66, 0x72, 0x65, 0x65], start + 4); // "free"
      bytes.fill(0, start + head, end);
    } else if (MP4_FOLDERS.test(type)) blankBoxes(bytes, start + head, end);
    start = end;
  }
}

// Elements of Matroska, and with it WebM: RFC 9559 and RFC 8794.
const EBML_VOID = 0xec;
const SEGMENT = 0x18538067;
const TAGS = 0x1254c367;

/** A WebM or Matroska file whose tags are void. */
export function stripMatroska(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = Uint8Array.from(bytes);
  voidTags(kept, 0, kept.length);
  return kept;
}

function voidTags(bytes: Uint8Array, from: number, to: number): void {
  for (let start = from; start < to; ) {
    const id = readNumber(bytes, start, true);
    const size = id && readNumber(bytes, start + id.length, false);
    if (!id || !size) return;
    const content = start + id.length + size.length;
    const end = Number.isFinite(size.value) ? Math.min(content + size.value, to) : to;
    if (id.value === SEGMENT) voidTags(bytes, content, end);
    else if (id.value === TAGS && end - start >= 9) {
      bytes.fill(0, start, end);
      bytes[start] = EBML_VOID;
      bytes[start + 1] = 0x01; // a size of eight bytes
      viewOf(bytes).setUint32(start + 5, end - start - 9);
    }
    start = end;
  }
}

/** A number of variable length: as many leading zeros as bytes follow. Ids keep their marker; all ones is "unknown". */
function readNumber(bytes: Uint8Array, at: number, keepsMarker: boolean) {
  const first = bytes[at];
  if (!first) return undefined;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return undefined;
  let value = keepsMarker ? first : first & (0xff >> length);
  let isUnknown = value === 0xff >> length;
  for (const byte of bytes.subarray(at + 1, at + length)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { length, value: isUnknown && !keepsMarker ? Number.POSITIVE_INFINITY : value };
}
