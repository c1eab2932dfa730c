import { decodeText, viewOf } from './bytes.ts';
import type { Entry } from './container.ts';

/** Comments of FLAC and Ogg, `NAME=text` each: RFC 9639, section 8.6. */
export function readComments(bytes: Uint8Array): Entry[] {
  const found: Entry[] = [];
  const lengthAt = (at: number) => (at + 4 <= bytes.length ? viewOf(bytes).getUint32(at, true) : bytes.length);
  const vendor = lengthAt(0);
  let left = vendor + 8 <= bytes.length ? lengthAt(4 + vendor) : 0;
  for (let start = 8 + vendor; left > 0 && start + 4 < bytes.length; left--) {
    const end = start + 4 + lengthAt(start);
    const text = decodeText(bytes.subarray(start + 4, end));
    const equals = text.indexOf('=');
    if (equals > 0) found.push({ name: text.slice(0, equals), text: text.slice(equals + 1) });
    start = end;
  }
  return found;
}
