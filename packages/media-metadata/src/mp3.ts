import { decodeText, latin1, viewOf, without } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';

const HEAD = 10;
const HAS_EXTENDED_HEAD = 0x40;
const HAS_FOOTER = 0x10;

/** The ID3v2 tag before the sound: https://id3.org/id3v2.4.0-structure, section 3. */
export const mp3: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    for (let start = 0; start + HEAD <= bytes.length && latin1(bytes, start, start + 3) === 'ID3'; ) {
      const footer = bytes[start + 5]! & HAS_FOOTER ? HEAD : 0;
      const end = Math.min(start + HEAD + sevenBits(bytes, start + 6) + footer, bytes.length);
      const tag = bytes.subarray(start, end);
      blocks.push({ start, end, read: () => readTag(tag) });
      start = end;
    }
    return blocks;
  },
  remove: without,
};

/** A number of four bytes, of which each has seven bits. */
const sevenBits = (bytes: Uint8Array, at: number) =>
  bytes.subarray(at, at + 4).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);

/** Texts that the writer named (TXXX), and comments (COMM). FFmpeg writes what ComfyUI says as the former. */
function readTag(tag: Uint8Array): Entry[] {
  const size = tag[3] === 4 ? sevenBits : (bytes: Uint8Array, at: number) => viewOf(bytes).getUint32(at);
  const found: Entry[] = [];
  let start = HEAD;
  if (tag[5]! & HAS_EXTENDED_HEAD && tag.length >= HEAD + 4) start += size(tag, HEAD) + (tag[3] === 4 ? 0 : 4);
  for (; start + HEAD <= tag.length && tag[start]; ) {
    const end = start + HEAD + size(tag, start + 4);
    const content = tag.subarray(start + HEAD, end);
    const id = latin1(tag, start, start + 4);
    if (id === 'TXXX') found.push(...readNamed(content, 1));
    // three letters of a language come first
    else if (id === 'COMM') found.push(...readNamed(content, 4));
    start = end;
  }
  return found;
}

/** A name and a text, in one of four encodings. */
function readNamed(content: Uint8Array, from: number): Entry[] {
  const encoding = content[0];
  const isWide = encoding === 1 || encoding === 2;
  const bytes = content.subarray(from);
  const end = isWide ? wideZero(bytes) : bytes.indexOf(0);
  if (end < 0) return [];
  const decode = isWide ? decodeWide : decodeText;
  const text = decode(bytes.subarray(end + (isWide ? 2 : 1))).replace(/\0+$/, '');
  return [{ name: decode(bytes.subarray(0, end)) || 'comment', text }];
}

function wideZero(bytes: Uint8Array): number {
  for (let at = 0; at + 2 <= bytes.length; at += 2) if (!bytes[at] && !bytes[at + 1]) return at;
  return -1;
}

/** UTF-16; without a mark, the larger byte comes first. */
const decodeWide = (bytes: Uint8Array) =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be').decode(bytes);
