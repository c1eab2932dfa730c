/** A part of a file: bytes `start` to `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Text of a few bytes, one character each. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A text that ends with the first zero, or with the bytes. */
export function upToZero(bytes: Uint8Array): Uint8Array {
  const zero = bytes.indexOf(0);
  return zero < 0 ? bytes : bytes.subarray(0, zero);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const western = new TextDecoder('windows-1252');

/** Text in UTF-8, which most tools write whatever the format says, or else in Latin-1. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return western.decode(bytes);
  }
}

/** Text in UTF-16, with a mark or without: then one of its bytes is zero in nearly every letter of JSON. */
export function decodeUtf16(bytes: Uint8Array): string {
  return new TextDecoder(bytes[0] === 0 || bytes[0] === 0xfe ? 'utf-16be' : 'utf-16le').decode(bytes);
}

/** The file without some parts of it. */
export function without(bytes: Uint8Array, spans: readonly Span[]): Uint8Array<ArrayBuffer> {
  const kept = new Uint8Array(bytes.length - spans.reduce((sum, { start, end }) => sum + end - start, 0));
  let from = 0;
  let to = 0;
  for (const { start, end } of [...spans, { start: bytes.length, end: bytes.length }]) {
    kept.set(bytes.subarray(from, start), to);
    to += start - from;
    from = end;
  }
  return kept;
}
