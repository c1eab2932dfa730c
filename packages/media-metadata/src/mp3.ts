import { decodeText, latin1, viewOf, without } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';
import { flac, isFlac } from './flac.ts';

const HEAD = 10;
const HAS_EXTENDED_HEAD = 0x40;
const HAS_FOOTER = 0x10;

/**
 * The ID3v2 tags before the sound (https://id3.org/id3v2.4.0-structure, section 3), and the comments of the sound itself, if taggers
 * have put a tag before a FLAC file.
 */
export const mp3: Container = {
  find(bytes) {
    const tags = tagsOf(bytes);
    const start = tags.at(-1)?.end ?? 0;
    const sound = bytes.subarray(start);
    const comments = isFlac(sound) ? flac.find(sound) : [];
    return [...tags, ...comments.map((block) => ({ ...block, start: start + block.start, end: start + block.end }))];
  },
  remove(bytes) {
    const sound = without(bytes, tagsOf(bytes));
    return isFlac(sound) ? flac.remove(sound, flac.find(sound)) : sound;
  },
};

function tagsOf(bytes: Uint8Array): Block[] {
  const tags: Block[] = [];
  for (let start = 0; start + HEAD <= bytes.length && latin1(bytes, start, start + 3) === 'ID3'; ) {
    const footer = bytes[start + 5]! & HAS_FOOTER ? HEAD : 0;
    const end = Math.min(start + HEAD + sevenBits(bytes, start + 6) + footer, bytes.length);
    const tag = bytes.subarray(start, end);
    tags.push({ start, end, read: () => readTag(tag) });
    start = end;
  }
  return tags;
}

/** A number of four bytes, of which each has seven bits. */
const sevenBits = (bytes: Uint8Array, at: number) =>
  bytes.subarray(at, at + 4).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);

/** Texts that the writer named (TXXX), comments (COMM), and others. FFmpeg writes what ComfyUI says as the first. */
function readTag(tag: Uint8Array): Entry[] {
  const version = tag[3]!;
  const size = version === 4 ? sevenBits : (bytes: Uint8Array, at: number) => viewOf(bytes).getUint32(at);
  const found: Entry[] = [];
  let start = HEAD;
  if (version > 2 && tag[5]! & HAS_EXTENDED_HEAD && tag.length >= HEAD + 4)
    start += size(tag, HEAD) + (version === 4 ? 0 : 4);
  // version 2.2 has names of three letters, and three bytes of length
  const [head, letters] = version === 2 ? [6, 3] : [HEAD, 4];
  for (; start + head <= tag.length && tag[start]; ) {
    // of the four bytes that end there, the first is a letter of the name
    const length = version === 2 ? viewOf(tag).getUint32(start + 2) & 0xffffff : size(tag, start + 4);
    const end = start + head + length;
    found.push(...readFrame(latin1(tag, start, start + letters), tag.subarray(start + head, end)));
    start = end;
  }
  return found;
}

function readFrame(id: string, content: Uint8Array): Entry[] {
  if (/^TXXX?$/.test(id)) return readNamed(content, 1);
  // three letters of a language come first
  if (/^(COMM?|USLT|ULT)$/.test(id)) return readNamed(content, 4);
  if (!id.startsWith('T')) return [];
  const decode = isWide(content) ? decodeWide : decodeText;
  const text = decode(content.subarray(1)).replace(/\0+$/, '');
  return text ? [{ name: id, text }] : [];
}

const isWide = ([encoding]: Uint8Array) => encoding === 1 || encoding === 2;

/** A name and a text, in one of four encodings. */
function readNamed(content: Uint8Array, from: number): Entry[] {
  const wide = isWide(content);
  const bytes = content.subarray(from);
  const end = wide ? wideZero(bytes) : bytes.indexOf(0);
  if (end < 0) return [];
  const decode = wide ? decodeWide : decodeText;
  const text = decode(bytes.subarray(end + (wide ? 2 : 1))).replace(/\0+$/, '');
  return [{ name: decode(bytes.subarray(0, end)) || 'comment', text }];
}

function wideZero(bytes: Uint8Array): number {
  for (let at = 0; at + 2 <= bytes.length; at += 2) if (!bytes[at] && !bytes[at + 1]) return at;
  return -1;
}

/** UTF-16; without a mark, the larger byte comes first. */
const decodeWide = (bytes: Uint8Array) =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be').decode(bytes);
