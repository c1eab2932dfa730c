import { latin1, viewOf } from './bytes.ts';

// Blocks of FLAC: RFC 9639, section 8.
const FLAC_PADDING = 1;
const FLAC_COMMENT = 4;

/** A FLAC file whose comments are padding. */
export function stripFlac(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = Uint8Array.from(bytes);
  for (let start = 4, isLast = false; !isLast && start + 4 <= kept.length; ) {
    const head = viewOf(kept).getUint32(start);
    isLast = head >>> 31 === 1;
    const end = start + 4 + (head & 0xffffff);
    if (((head >>> 24) & 0x7f) === FLAC_COMMENT) {
      kept[start] = (isLast ? 0x80 : 0) | FLAC_PADDING;
      kept.fill(0, start + 4, end);
    }
    start = end;
  }
  return kept;
}

/** An MP3 without its ID3v2 tag: https://id3.org/id3v2.4.0-structure, section 3.1. */
export function stripMp3(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (latin1(bytes, 0, 3) !== 'ID3') return Uint8Array.from(bytes);
  // seven bits a byte
  const size = [...bytes.subarray(6, 10)].reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  const footer = (bytes[5] ?? 0) & 0x10 ? 10 : 0;
  return Uint8Array.from(bytes.subarray(10 + size + footer));
}

/**
 * An Ogg file whose comments are empty. The packet keeps its length: what follows the last comment is padding, for Opus by
 * RFC 7845, section 5.2. Pages are laid out as in RFC 3533, section 6.
 */
export function stripOgg(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = Uint8Array.from(bytes);
  /** Bytes of the comment packet that are to be kept: its name, its maker, and that there are no comments. */
  let intact: Uint8Array | undefined;
  for (let start = 0; start + 27 <= kept.length && latin1(kept, start, start + 4) === 'OggS'; ) {
    const segments = kept.subarray(start + 27, start + 27 + kept[start + 26]!);
    const body = start + 27 + segments.length;
    const end = Math.min(body + segments.reduce((sum, length) => sum + length, 0), kept.length);
    intact ??= readOpusTags(kept.subarray(body, end));
    if (intact) {
      // the packet ends in the first segment that is not full
      const last = segments.findIndex((length) => length < 255);
      const taken = segments.subarray(0, last < 0 ? segments.length : last + 1);
      const packet = kept.subarray(body, body + taken.reduce((sum, length) => sum + length, 0));
      packet.fill(0);
      packet.set(intact.subarray(0, packet.length));
      viewOf(kept).setUint32(start + 22, 0);
      viewOf(kept).setUint32(start + 22, checksum(kept.subarray(start, end)), true);
      if (last >= 0) return kept;
      intact = intact.subarray(packet.length);
    }
    start = end;
  }
  return kept;
}

function readOpusTags(packet: Uint8Array): Uint8Array | undefined {
  if (latin1(packet, 0, 8) !== 'OpusTags' || packet.length < 16) return undefined;
  const vendor = Math.min(viewOf(packet).getUint32(8, true), packet.length - 16);
  return Uint8Array.from([...packet.subarray(0, 12 + vendor), 0, 0, 0, 0]);
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
