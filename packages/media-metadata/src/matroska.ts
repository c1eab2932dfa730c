import { decodeText, type Span, upToZero, viewOf } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';

// Elements of Matroska, and with it WebM: RFC 9559 and RFC 8794.
const EBML_VOID = 0xec;
const SEGMENT = 0x18538067;
const TAGS = 0x1254c367;
const TAG = 0x7373;
const SIMPLE_TAG = 0x67c8;
const TAG_NAME = 0x45a3;
const TAG_STRING = 0x4487;
/** How deep tags in tags are read. */
const DEEPEST = 8;
/** The smallest void element that is written here. */
const VOID_BYTES = 9;

/** Tags of a WebM or Matroska file. They become void elements of the same length. */
export const matroska: Container = {
  find: (bytes) => findTags(bytes, elementsOf(bytes, 0, bytes.length)),
  remove(bytes, blocks) {
    const kept = Uint8Array.from(bytes);
    for (const { start, end } of blocks) {
      kept.fill(0, start, end);
      kept[start] = EBML_VOID;
      kept[start + 1] = 0x01; // a size of eight bytes
      viewOf(kept).setUint32(start + 5, end - start - VOID_BYTES);
    }
    return kept;
  },
};

interface Element extends Span {
  id: number;
  content: number;
}

function findTags(bytes: Uint8Array, elements: Element[]): Block[] {
  const segments = elements.filter(({ id }) => id === SEGMENT);
  const inSegments = segments.flatMap(({ content, end }) => elementsOf(bytes, content, end));
  return [...elements, ...inSegments].flatMap((element) => {
    const { id, start, end } = element;
    return id === TAGS && end - start >= VOID_BYTES
      ? [{ start, end, read: () => readTags(bytes, element, DEEPEST) }]
      : [];
  });
}

/** Tags may hold others. */
function readTags(bytes: Uint8Array, { content, end }: Element, depth: number): Entry[] {
  if (depth === 0) return [];
  const elements = elementsOf(bytes, content, end);
  const textOf = (wanted: number) => {
    const found = elements.find(({ id }) => id === wanted);
    return found && decodeText(upToZero(bytes.subarray(found.content, found.end)));
  };
  const [name, text] = [textOf(TAG_NAME), textOf(TAG_STRING)];
  const inner = elements
    .filter(({ id }) => id === TAG || id === SIMPLE_TAG)
    .flatMap((tag) => readTags(bytes, tag, depth - 1));
  return name === undefined || text === undefined ? inner : [{ name, text }, ...inner];
}

function elementsOf(bytes: Uint8Array, from: number, to: number): Element[] {
  const found: Element[] = [];
  for (let start = from; start < to; ) {
    const id = readNumber(bytes, start, true);
    const size = id && readNumber(bytes, start + id.length, false);
    if (!id || !size) break;
    const content = start + id.length + size.length;
    // of an unknown size: it ends where the next begins, and is followed by what it holds. A segment goes to the end
    const unknown = id.value === SEGMENT ? to : content;
    const end = Number.isFinite(size.value) ? Math.min(content + size.value, to) : unknown;
    found.push({ id: id.value, start, content, end });
    start = end;
  }
  return found;
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
