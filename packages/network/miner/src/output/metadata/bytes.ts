/** A part of a file: bytes `start` to `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Text of some bytes, one character each. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
