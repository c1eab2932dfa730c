import { latin1, type Span, viewOf } from './bytes.ts';
import type { Container } from './container.ts';
import { readComments } from './vorbis-comments.ts';

/** What the packet of comments begins with: Opus, and Vorbis. */
const NAMES = ['OpusTags', '\x03vorbis'];

/**
 * Comments of an Opus or Vorbis file. The packet that holds them keeps its length: what follows the last comment is padding, by
 * RFC 7845, section 5.2, and decoders of Vorbis read no further.
 */
export const ogg: Container = {
  find(bytes) {
    const pages = commentPages(bytes);
    const [first, last] = [pages[0], pages.at(-1)];
    if (!first || !last) return [];
    const read = () => {
      const packet = packetOf(bytes, pages);
      return readComments(packet.subarray(nameOf(packet).length));
    };
    return [{ start: first.start, end: last.end, read }];
  },
  remove(bytes) {
    const kept = Uint8Array.from(bytes);
    const pages = commentPages(bytes);
    let intact = withoutComments(packetOf(bytes, pages));
    for (const { start, end, part } of pages) {
      const packet = kept.subarray(part.start, part.end);
      packet.fill(0);
      packet.set(intact.subarray(0, packet.length));
      intact = intact.subarray(packet.length);
      viewOf(kept).setUint32(start + 22, 0);
      viewOf(kept).setUint32(start + 22, checksum(kept.subarray(start, end)), true);
    }
    return kept;
  },
};

/** A page with a part of the packet of comments: RFC 3533, section 6. */
interface Page extends Span {
  part: Span;
}

function commentPages(bytes: Uint8Array): Page[] {
  const pages: Page[] = [];
  for (let start = 0; start + 27 <= bytes.length && latin1(bytes, start, start + 4) === 'OggS'; ) {
    const segments = bytes.subarray(start + 27, start + 27 + bytes[start + 26]!);
    const body = start + 27 + segments.length;
    const end = Math.min(body + sumOf(segments), bytes.length);
    if (pages.length || nameOf(bytes.subarray(body))) {
      // the packet ends in the first segment that is not full
      const last = segments.findIndex((length) => length < 255);
      const taken = last < 0 ? segments : segments.subarray(0, last + 1);
      pages.push({ start, end, part: { start: body, end: Math.min(body + sumOf(taken), end) } });
      if (last >= 0) break;
    }
    start = end;
  }
  return pages;
}

const nameOf = (packet: Uint8Array) => NAMES.find((name) => latin1(packet, 0, name.length) === name) ?? '';

const sumOf = (numbers: Uint8Array) => numbers.reduce((sum, number) => sum + number, 0);

function packetOf(bytes: Uint8Array, pages: Page[]): Uint8Array {
  const packet = new Uint8Array(pages.reduce((sum, { part }) => sum + part.end - part.start, 0));
  let at = 0;
  for (const { part } of pages) {
    packet.set(bytes.subarray(part.start, part.end), at);
    at += part.end - part.start;
  }
  return packet;
}

/** What is to stay of the packet: its name, its maker, and that there are no comments. */
function withoutComments(packet: Uint8Array): Uint8Array {
  const start = nameOf(packet).length;
  if (packet.length < start + 8) return new Uint8Array();
  const vendor = Math.min(viewOf(packet).getUint32(start, true), packet.length - start - 8);
  // Vorbis ends with a bit that is set; where Opus has one, it is to stay as it was
  const end = packet[0] === 3 ? 1 : 0;
  return Uint8Array.from([...packet.subarray(0, start + 4 + vendor), 0, 0, 0, 0, end]);
}

/** The checksum of a page: CRC-32 with 0x04c11db7, neither mirrored nor inverted. */
function checksum(page: Uint8Array): number {
  let sum = 0;
  for (const byte of page) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}
