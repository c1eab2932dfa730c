/** Signatures of media types: `[type, offset, bytes]`. */
const signatures: [type: string, offset: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/mpeg', 0, '\xff\xfb'],
];

/**
 * Detects the media type of a file from its first 16 bytes. Its name does not matter.
 *
 * @returns a type such as `image/png`, or `undefined` if it is not a known image, video or audio format
 */
export function sniffMediaType(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 16));
  return signatures.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0];
}
