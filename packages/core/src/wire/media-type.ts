/** Signatures of media types: `[type, offset, bytes]`. */
const signatures: [type: string, offset: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/mpeg', 0, 'ID3'],
  ['model/gltf-binary', 0, 'glTF'],
];

/** Brands of ISO media: photos, songs and films have the same container. AVIF first, since its files may also name `mif1`. */
const brands: [type: string, pattern: RegExp][] = [
  ['image/avif', /^avi[fs]|^m[is]f1.*avi[fs]/s],
  ['image/heic', /^(he[iv][cmsx]|m[is]f1|avc[is])/],
  ['audio/mp4', /^M4[ABP] /],
  ['video/mp4', /^/],
];

/**
 * Detects the media type of a file from its first 64 bytes. Its name does not matter.
 *
 * @returns a type such as `image/png`, or `undefined` if it is no known format of images, videos, sounds or 3D models
 */
export function sniffMediaType(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 64));
  if (text.startsWith('ftyp', 4)) return brands.find(([, pattern]) => pattern.test(text.slice(8)))?.[0];
  // layer III of MPEG 1, 2 and 2.5, with or without a checksum
  if (/^\xff[\xfa\xfb\xf2\xf3\xe2\xe3]/.test(text)) return 'audio/mpeg';
  // two letters alone would be any text
  if (/^BM.{4}\0\0\0\0/s.test(text)) return 'image/bmp';
  return signatures.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0];
}
