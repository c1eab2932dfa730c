import { latin1, type Span, viewOf } from './bytes.ts';
import type { Container } from './container.ts';
import { readComments } from './vorbis-comments.ts';

/** The bytes of a page before its table of segments. */
const PAGE_HEAD = 27;

/** What the packet of comments begins with: Opus, Vorbis, and Theora. */
const NAMES = ['OpusTags', '\x03vorbis', '\x81theora'];

/** What a stream of FLAC begins with (RFC 9639, section 10.1). Its second packet is a block of comments, with the head of one. */
const FLAC = '\x7fFLAC';
const FLAC_HEAD = 4;

/**
 * Comments of every stream of an Ogg file. The packet that holds them keeps its length: what follows the last comment is padding, by
 * RFC 7845, section 5.2, and decoders of the others read no further.
 */
export const ogg: Container = {
  find(bytes) {
    return commentPackets(bytes).map(({ pages, head }) => ({
      start: pages[0]!.start,
      end: pages.at(-1)!.end,
      read: () => readComments(contentOf(bytes, pages).subarray(head)),
    }));
  },
  remove(bytes) {
    const kept = Uint8Array.from(bytes);
    for (const packet of commentPackets(bytes)) empty(kept, packet);
    return kept;
  },
};

/** A page with a part of a packet: RFC 3533, section 6. */
interface Page extends Span {
  part: Span;
}

/** A packet of comments, which come after a head of some bytes. */
interface Packet {
  pages: Page[];
  head: number;
}

function commentPackets(bytes: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  const open = new Map<number, Packet>();
  const flacs = new Set<number>();
  for (let start = 0; start + PAGE_HEAD <= bytes.length && latin1(bytes, start, start + 4) === 'OggS'; ) {
    const stream = viewOf(bytes).getUint32(start + 14);
    const segments = bytes.subarray(start + PAGE_HEAD, start + PAGE_HEAD + bytes[start + 26]!);
    const body = start + PAGE_HEAD + segments.length;
    const end = Math.min(body + sumOf(segments), bytes.length);
    const head = flacs.delete(stream) ? FLAC_HEAD : nameOf(bytes.subarray(body)).length;
    if (latin1(bytes, body, body + FLAC.length) === FLAC) flacs.add(stream);
    if (head && !open.has(stream)) {
      open.set(stream, { pages: [], head });
      packets.push(open.get(stream)!);
    }
    // the packet ends in the first segment that is not full
    const last = segments.findIndex((length) => length < 255);
    const taken = last < 0 ? segments : segments.subarray(0, last + 1);
    open.get(stream)?.pages.push({ start, end, part: { start: body, end: Math.min(body + sumOf(taken), end) } });
    if (last >= 0) open.delete(stream);
    start = end;
  }
  return packets;
}

const nameOf = (packet: Uint8Array) => NAMES.find((name) => latin1(packet, 0, name.length) === name) ?? '';

const sumOf = (numbers: Uint8Array) => numbers.reduce((sum, number) => sum + number, 0);

function contentOf(bytes: Uint8Array, pages: readonly Page[]): Uint8Array {
  const content = new Uint8Array(pages.reduce((sum, { part }) => sum + part.end - part.start, 0));
  let at = 0;
  for (const { part } of pages) {
    content.set(bytes.subarray(part.start, part.end), at);
    at += part.end - part.start;
  }
  return content;
}

function empty(bytes: Uint8Array, { pages, head }: Packet): void {
  let intact = withoutComments(contentOf(bytes, pages), head);
  for (const { start, end, part } of pages) {
    const content = bytes.subarray(part.start, part.end);
    content.fill(0);
    content.set(intact.subarray(0, content.length));
    intact = intact.subarray(content.length);
    viewOf(bytes).setUint32(start + 22, 0);
    viewOf(bytes).setUint32(start + 22, checksum(bytes.subarray(start, end)), true);
  }
}

/** What is to stay of the packet: its head, its maker, and that there are no comments. */
function withoutComments(packet: Uint8Array, head: number): Uint8Array {
  if (packet.length < head + 8) return new Uint8Array();
  const vendor = Math.min(viewOf(packet).getUint32(head, true), packet.length - head - 8);
  // Vorbis ends with a bit that is set; where Opus has one, it is to stay as it was
  const end = packet[0] === 3 ? 1 : 0;
  return Uint8Array.from([...packet.subarray(0, head + 4 + vendor), 0, 0, 0, 0, end]);
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
