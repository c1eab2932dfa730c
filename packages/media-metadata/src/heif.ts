import { decodeText, latin1, type Span, viewOf } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';
import { readExif } from './exif.ts';
import { type Box, boxesOf } from './iso-boxes.ts';

/** A TIFF file without fields, behind the four bytes that say where it begins. */
const EMPTY_EXIF = [0, 0, 0, 0, 0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 0, 0];

const LESS_THAN = 0x3c;
const SPACE = 0x20;

/**
 * Exif and XMP of an AVIF or HEIC, which are items beside the picture: ISO/IEC 23008-12, annex A. They are overwritten in their place,
 * since the picture is found by its distance from the start.
 */
export const heif: Container = {
  find(bytes) {
    const meta = boxesOf(bytes).find(({ type }) => type === 'meta');
    if (!meta) return [];
    const boxes = boxesOf(bytes, meta.content + 4, meta.end);
    const find = (name: string) => boxes.find(({ type }) => type === name);
    const [infos, places] = [find('iinf'), find('iloc')];
    if (!infos || !places) return [];
    const texts = readInfos(bytes, infos);
    return readPlaces(bytes, places).flatMap(({ id, ...span }) => {
      const read = texts.get(id);
      return read ? [blockOf(bytes, span, read)] : [];
    });
  },
  remove(bytes, blocks) {
    const kept = Uint8Array.from(bytes);
    for (const { start, end } of blocks) {
      const isExif = /^(II|MM|Ex)/.test(latin1(bytes, start + 4, start + 6));
      kept.fill(isExif ? 0 : SPACE, start, end);
      if (isExif) kept.set(EMPTY_EXIF.slice(0, end - start), start);
    }
    return kept;
  },
};

type Read = (content: Uint8Array) => Entry[];

const blockOf = (bytes: Uint8Array, span: Span, read: Read): Block => ({
  ...span,
  read: () => read(bytes.subarray(span.start, span.end)),
});

const readExifItem: Read = (content) => readExif(content.subarray(4));
const readXmp: Read = (content) => (content[0] === LESS_THAN ? [{ name: 'XMP', text: decodeText(content) }] : []);

/** Items that are texts, by id. */
function readInfos(bytes: Uint8Array, { content, end }: Box): Map<number, Read> {
  const view = viewOf(bytes);
  const found = new Map<number, Read>();
  for (const info of boxesOf(bytes, content + (bytes[content] ? 8 : 6), end)) {
    const version = bytes[info.content]!;
    const isWide = version >= 3;
    const type = info.content + (isWide ? 10 : 8);
    if (info.type !== 'infe' || version < 2 || type + 4 > info.end) continue;
    const id = isWide ? view.getUint32(info.content + 4) : view.getUint16(info.content + 4);
    const name = latin1(bytes, type, type + 4);
    if (name === 'Exif') found.set(id, readExifItem);
    else if (name === 'mime' && latin1(bytes, type, Math.min(type + 99, info.end)).includes('rdf+xml'))
      found.set(id, readXmp);
  }
  return found;
}

/** Where items are, as far as they are in the file itself: ISO/IEC 14496-12, 8.11.3. */
function readPlaces(bytes: Uint8Array, box: Box): (Span & { id: number })[] {
  let at = box.content;
  const next = (size: number): number => {
    at += size;
    let value = 0;
    for (let index = at - size; index < at; index++) value = value * 256 + (index < box.end ? bytes[index]! : 0);
    return value;
  };
  const version = next(1);
  next(3);
  const sizes = next(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version ? sizes & 15 : 0;
  const found: (Span & { id: number })[] = [];
  for (let items = next(version < 2 ? 2 : 4); items > 0 && at < box.end; items--) {
    const id = next(version < 2 ? 2 : 4);
    const isElsewhere = version > 0 && (next(2) & 15) !== 0;
    next(2);
    const base = next(baseSize);
    const extents = next(2);
    for (let extent = 0; extent < extents && lengthSize && at < box.end; extent++) {
      next(indexSize);
      const start = Math.min(base + next(offsetSize), bytes.length);
      const end = Math.min(start + next(lengthSize), bytes.length);
      if (!isElsewhere) found.push({ id, start, end });
    }
  }
  return found;
}
