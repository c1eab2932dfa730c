import { decodeText, latin1, viewOf, without } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';
import { readExif, toEntry } from './exif.ts';

const nothing = (): Entry[] => [];
const textAs = (name: string) => (content: Uint8Array) => [{ name, text: decodeText(content) }];

const WEBP_READERS: ReadonlyMap<string, (content: Uint8Array) => Entry[]> = new Map([
  ['EXIF', readExif],
  ['XMP ', textAs('XMP')],
]);
/** Bits of the header that say that there is Exif and XMP: https://developers.google.com/speed/webp/docs/riff_container */
const WEBP_FLAGS = 0b1100;

/** Exif and XMP of a WebP. */
export const webp: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    for (let start = 12; start + 8 <= bytes.length; ) {
      const size = viewOf(bytes).getUint32(start + 4, true);
      const end = Math.min(start + 8 + size + (size % 2), bytes.length);
      const content = bytes.subarray(start + 8, start + 8 + size);
      const read = WEBP_READERS.get(latin1(bytes, start, start + 4));
      if (read) blocks.push({ start, end, read: () => read(content) });
      start = end;
    }
    return blocks;
  },
  remove(bytes, blocks) {
    const kept = without(bytes, blocks);
    viewOf(kept).setUint32(4, kept.length - 8, true);
    if (latin1(kept, 12, 16) === 'VP8X') kept[20]! &= ~WEBP_FLAGS;
    return kept;
  },
};

const START_OF_SCAN = 0xda;
const XMP_HEAD = 'http://ns.adobe.com/xap/1.0/\0';

/** Application segments 1 (Exif, XMP) and 13, and comments. Segments 0 and 2 say how the pixels are to be read. */
const JPEG_READERS: ReadonlyMap<number, (content: Uint8Array) => Entry[]> = new Map([
  [0xe1, readApplication1],
  [0xed, nothing],
  [0xfe, (content) => toEntry('comment', decodeText(content))],
]);

/** Exif, XMP and comments of a JPEG. */
export const jpeg: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    for (let start = 2; start + 4 <= bytes.length && bytes[start] === 0xff && bytes[start + 1] !== START_OF_SCAN; ) {
      // any number of such bytes may stand before a marker
      const isFill = bytes[start + 1] === 0xff;
      const end = isFill ? start + 1 : Math.min(start + 2 + viewOf(bytes).getUint16(start + 2), bytes.length);
      const content = bytes.subarray(start + 4, end);
      const read = JPEG_READERS.get(bytes[start + 1]!);
      if (read) blocks.push({ start, end, read: () => read(content) });
      start = end;
    }
    return blocks;
  },
  remove: without,
};

function readApplication1(content: Uint8Array): Entry[] {
  return latin1(content, 0, XMP_HEAD.length) === XMP_HEAD
    ? textAs('XMP')(content.subarray(XMP_HEAD.length))
    : readExif(content);
}
