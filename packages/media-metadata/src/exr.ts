import { decodeText, upToZero, viewOf } from './bytes.ts';
import type { Block, Container } from './container.ts';

/** Names of texts that say how the picture is to be read. */
const NEEDED = /^(name|type|view)$/;
/** In the second byte of the version: the file has several pictures, each with its attributes. */
const HAS_PARTS = 0x10;
const SPACE = 0x20;

/** Attributes of an OpenEXR file that are texts: https://openexr.com/en/latest/OpenEXRFileLayout.html. They become blank. */
export const exr: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    const hasParts = ((bytes[5] ?? 0) & HAS_PARTS) !== 0;
    for (let at = 8; at < bytes.length; ) {
      if (!bytes[at]) {
        // the end of the attributes of one picture
        if (!hasParts || !bytes[at + 1]) break;
        at++;
      }
      const name = upToZero(bytes.subarray(at));
      const type = upToZero(bytes.subarray(at + name.length + 1));
      const start = at + name.length + type.length + 6;
      if (start > bytes.length) break;
      const end = Math.min(start + viewOf(bytes).getUint32(start - 4, true), bytes.length);
      blocks.push(...textBlock(bytes, decodeText(name), decodeText(type), start, end));
      at = end;
    }
    return blocks;
  },
  remove(bytes, blocks) {
    const kept = Uint8Array.from(bytes);
    for (const { start, end } of blocks) kept.fill(SPACE, start, end);
    return kept;
  },
};

function textBlock(bytes: Uint8Array, name: string, type: string, start: number, end: number): Block[] {
  if (type !== 'string' || NEEDED.test(name)) return [];
  const text = decodeText(bytes.subarray(start, end));
  return [{ start, end, read: () => (text.trim() ? [{ name, text }] : []) }];
}
