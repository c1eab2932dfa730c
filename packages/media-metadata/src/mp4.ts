import { decodeText, latin1, viewOf } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';
import { type Box, boxesOf } from './iso-boxes.ts';

/** Boxes that only hold others, as far as metadata is below them. */
const FOLDERS = /^(moov|trak)$/;
/** What is said about the film: ISO/IEC 14496-12, 8.10 and 8.11. */
const TEXTS = /^(udta|meta)$/;

/** How deep these are: a file may be made of nothing but boxes in boxes. */
const DEEPEST = 2;

/** Texts of an MP4, MOV or M4A. They become free space: whatever points into the file still points right. */
export const mp4: Container = {
  find: (bytes) => findTexts(bytes, boxesOf(bytes), DEEPEST),
  remove(bytes, blocks) {
    const kept = Uint8Array.from(bytes);
    for (const { start, end } of blocks) {
      const [{ content }] = boxesOf(kept, start, end) as [Box];
      kept.set([0x66, 0x72, 0x65, 0x65], start + 4); // "free"
      kept.fill(0, content, end);
    }
    return kept;
  },
};

function findTexts(bytes: Uint8Array, boxes: Box[], depth: number): Block[] {
  return boxes.flatMap((box) => {
    if (FOLDERS.test(box.type) && depth > 0) return findTexts(bytes, boxesOf(bytes, box.content, box.end), depth - 1);
    return TEXTS.test(box.type) ? [{ start: box.start, end: box.end, read: () => readTexts(bytes, box) }] : [];
  });
}

function readTexts(bytes: Uint8Array, box: Box): Entry[] {
  if (box.type === 'meta') return readMeta(bytes, box);
  return boxesOf(bytes, box.content, box.end).flatMap((inner) => {
    if (inner.type === 'meta') return readMeta(bytes, inner);
    // QuickTime: two bytes of length, two of language
    return inner.type.startsWith('\xa9')
      ? [{ name: nameOf(inner.type), text: decodeText(bytes.subarray(inner.content + 4, inner.end)) }]
      : [];
  });
}

/** Lists of values, by the number of their name (`mdta`, as FFmpeg writes for ComfyUI) or by four letters (iTunes). */
function readMeta(bytes: Uint8Array, { content, end }: Box): Entry[] {
  // MOV has no version before the boxes
  const boxes = boxesOf(bytes, latin1(bytes, content + 4, content + 8) === 'hdlr' ? content : content + 4, end);
  const names = boxes.filter(({ type }) => type === 'keys').flatMap((keys) => readKeys(bytes, keys));
  const items = boxes.filter(({ type }) => type === 'ilst').flatMap((list) => boxesOf(bytes, list.content, list.end));
  return items.flatMap((item) => readItem(bytes, item, names));
}

function readKeys(bytes: Uint8Array, { content, end }: Box): string[] {
  return boxesOf(bytes, content + 8, end).map((key) => decodeText(bytes.subarray(key.content, key.end)));
}

function readItem(bytes: Uint8Array, item: Box, names: string[]): Entry[] {
  const parts = boxesOf(bytes, item.content, item.end);
  const own = parts.find(({ type }) => type === 'name');
  const name = own
    ? decodeText(bytes.subarray(own.content + 4, own.end))
    : (names[viewOf(bytes).getUint32(item.start + 4) - 1] ?? nameOf(item.type));
  return parts
    .filter(({ type }) => type === 'data')
    .map((data) => ({ name, text: decodeText(bytes.subarray(data.content + 8, data.end)) }));
}

const nameOf = (type: string) => (type === '\xa9cmt' ? 'comment' : type);
