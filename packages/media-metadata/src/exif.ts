import { decodeText, decodeUtf16, latin1, upToZero, viewOf } from './bytes.ts';
import type { Entry } from './container.ts';

/** The fields of Exif that hold text: https://www.cipa.jp/std/documents/download_e.html?CIPA_DC-008-2024-E */
const FIELDS: ReadonlyMap<number, string> = new Map([
  [0x010d, 'DocumentName'],
  [0x010e, 'ImageDescription'],
  [0x010f, 'Make'],
  [0x0110, 'Model'],
  [0x0131, 'Software'],
  [0x013b, 'Artist'],
  [0x9286, 'UserComment'],
  [0x9c9b, 'XPTitle'],
  [0x9c9c, 'XPComment'],
  [0x9c9d, 'XPAuthor'],
  [0x9c9e, 'XPKeywords'],
  [0x9c9f, 'XPSubject'],
]);
const EXIF_IFD = 0x8769;
const USER_COMMENT = 0x9286;
const XP = 0x9c9b;
/** Bytes of a value of each type that can be text: BYTE, ASCII, UNDEFINED, UTF-8. */
const TEXT_TYPES = [1, 2, 7, 129];

/** ComfyUI and others have no fields for a graph: they write `prompt:{...}` into whichever there is. */
const NAMED = /^\s*(\w+)\s*:\s*(?=[[{])/;

/** The texts of a block of Exif, which is a small TIFF file, with or without the head that JPEG puts before it. */
export function readExif(bytes: Uint8Array): Entry[] {
  const tiff = latin1(bytes, 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes;
  const isLittle = latin1(tiff, 0, 2) === 'II';
  if (tiff.length < 8 || !(isLittle || latin1(tiff, 0, 2) === 'MM')) return [];
  return readDirectory(tiff, viewOf(tiff).getUint32(4, isLittle), isLittle, true);
}

function readDirectory(tiff: Uint8Array, at: number, isLittle: boolean, isFirst: boolean): Entry[] {
  const view = viewOf(tiff);
  if (at + 2 > tiff.length) return [];
  const found: Entry[] = [];
  const count = view.getUint16(at, isLittle);
  for (let index = 0, field = at + 2; index < count && field + 12 <= tiff.length; index++, field += 12) {
    const tag = view.getUint16(field, isLittle);
    const length = view.getUint32(field + 4, isLittle);
    const place = length > 4 || tag === EXIF_IFD ? view.getUint32(field + 8, isLittle) : field + 8;
    const name = FIELDS.get(tag);
    if (tag === EXIF_IFD && isFirst) found.push(...readDirectory(tiff, place, isLittle, false));
    else if (name && TEXT_TYPES.includes(view.getUint16(field + 2, isLittle)))
      found.push(...toEntry(name, textOf(tag, tiff.subarray(place, place + length))));
  }
  return found;
}

function textOf(tag: number, value: Uint8Array): string {
  if (tag >= XP) return decodeUtf16(value);
  if (tag !== USER_COMMENT) return decodeText(upToZero(value));
  // eight letters name its encoding, which some tools leave out, and some do not keep to
  const encoding = latin1(value, 0, 8);
  const text = ENCODINGS.test(encoding) ? value.subarray(8) : value;
  const isWide = encoding === 'UNICODE\0' && !NARROW.test(latin1(text, 0, 40));
  return isWide ? decodeUtf16(text) : decodeText(upToZero(text));
}

const ENCODINGS = /^(ASCII\0{3}|UNICODE\0|JIS\0{5}|\0{8})$/;
/** JSON with one byte for each letter. */
const NARROW = /^\s*(\w+\s*:\s*)?[[{][^\0]/;

/** What a field says, by the name in it, if there is one. */
export function toEntry(field: string, text: string): Entry[] {
  const [head, name = field] = NAMED.exec(text) ?? [''];
  const rest = text.slice(head.length).replace(/\0+$/, '');
  return rest ? [{ name, text: rest }] : [];
}
