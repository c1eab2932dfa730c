import { decodeText, latin1, viewOf, without } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';
import { readExif } from './exif.ts';
import { inflate } from './inflate.ts';

/** A graph has less than a megabyte; a few bytes can unfold to a thousand times as much. */
const MOST_INFLATED = 2 ** 26;

/** Chunks of text and Exif: https://www.w3.org/TR/png-3/#11textinfo, and `comf`, in which ComfyUI names the graph of an APNG. */
const READERS = new Map<string, (content: Uint8Array) => Entry[] | Promise<Entry[]>>([
  ['tEXt', readText],
  ['comf', readText],
  ['zTXt', readCompressed],
  ['iTXt', readInternational],
  ['eXIf', readExif],
]);

/** Texts may stand before the pixels or after them. */
export const png: Container = {
  find(bytes) {
    const blocks: Block[] = [];
    for (let start = 8; start + 12 <= bytes.length; ) {
      const size = viewOf(bytes).getUint32(start);
      const end = Math.min(start + 12 + size, bytes.length);
      const content = bytes.subarray(start + 8, start + 8 + size);
      const read = READERS.get(latin1(bytes, start + 4, start + 8));
      if (read) blocks.push({ start, end, read: () => read(content) });
      start = end;
    }
    return blocks;
  },
  remove: without,
};

/** What is before the first zero, and what is behind it. */
function split(bytes: Uint8Array): [before: string, after: Uint8Array] | undefined {
  const zero = bytes.indexOf(0);
  return zero < 0 ? undefined : [decodeText(bytes.subarray(0, zero)), bytes.subarray(zero + 1)];
}

function readText(content: Uint8Array): Entry[] {
  const parts = split(content);
  return parts ? [{ name: parts[0], text: decodeText(parts[1]) }] : [];
}

async function readCompressed(content: Uint8Array): Promise<Entry[]> {
  const parts = split(content);
  // a byte says how it is compressed: there is one way only
  return parts ? await inflated(parts[0], parts[1].subarray(1)) : [];
}

/** keyword, 0, whether compressed, how, language, 0, translated keyword, 0, text */
async function readInternational(content: Uint8Array): Promise<Entry[]> {
  const parts = split(content);
  const text = parts && split(split(parts[1].subarray(2))?.[1] ?? new Uint8Array())?.[1];
  if (!text) return [];
  return parts[1][0] === 1 ? await inflated(parts[0], text) : [{ name: parts[0], text: decodeText(text) }];
}

async function inflated(name: string, bytes: Uint8Array): Promise<Entry[]> {
  const text = await inflate(bytes, MOST_INFLATED);
  return text ? [{ name, text: decodeText(text) }] : [];
}
