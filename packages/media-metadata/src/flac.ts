import { latin1, viewOf } from './bytes.ts';
import type { Block, Container } from './container.ts';
import { readComments } from './vorbis-comments.ts';

// Blocks of FLAC: RFC 9639, section 8.
const HEAD = 4;
const PADDING = 1;
const COMMENT = 4;

/** Whether these are the first bytes of a FLAC file. */
export const isFlac = (bytes: Uint8Array) => latin1(bytes, 0, 4) === 'fLaC';

/** Comments of a FLAC file. They become padding. */
export const flac: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    for (let start = 4, isLast = false; !isLast && start + HEAD <= bytes.length; ) {
      const head = viewOf(bytes).getUint32(start);
      isLast = head >>> 31 === 1;
      const end = Math.min(start + HEAD + (head & 0xffffff), bytes.length);
      const content = bytes.subarray(start + HEAD, end);
      if (((head >>> 24) & 0x7f) === COMMENT) blocks.push({ start, end, read: () => readComments(content) });
      start = end;
    }
    return blocks;
  },
  remove(bytes, blocks) {
    const kept = Uint8Array.from(bytes);
    for (const { start, end } of blocks) {
      kept[start] = (kept[start]! & 0x80) | PADDING;
      kept.fill(0, start + HEAD, end);
    }
    return kept;
  },
};
