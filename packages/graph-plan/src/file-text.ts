/** Encodings that tools of Windows write, by the bytes that they begin with. */
const MARKS: [mark: number[], encoding: string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** The text of a file in UTF-8 or UTF-16, without byte order marks, of which some tools add a second; `undefined` if it is not text. */
export function textOf(bytes: Uint8Array): string | undefined {
  const encoding = MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1] ?? unmarked(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text.replace(/^\ufeff+/, '');
  } catch {
    return undefined;
  }
}

/** JSON begins with a letter of ASCII, of which UTF-16 shows the order of its bytes. */
function unmarked(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (bytes.length % 2 === 0 && first === 0 && second) return 'utf-16be';
  if (bytes.length % 2 === 0 && first && second === 0) return 'utf-16le';
  return 'utf-8';
}
