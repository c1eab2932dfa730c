// What is known of files that the network cannot read. Apart from `media-type.ts`, which every app loads.
import { sniffMediaType } from './media-type.ts';

/** Signatures of media types: `[type, offset, bytes]`. */
const signatures: [type: string, offset: number, bytes: string][] = [
  ['image/tiff', 0, 'II*\0'],
  ['image/tiff', 0, 'MM\0*'],
  ['image/tiff', 0, 'II+\0'],
  ['image/tiff', 0, 'MM\0+'],
  ['image/jxl', 0, '\xff\x0a'],
  ['image/jxl', 4, 'JXL \r\n'],
  ['image/jp2', 4, 'jP  \r\n'],
  ['image/jp2', 0, '\xff\x4f\xff\x51'],
  ['image/vnd.adobe.photoshop', 0, '8BPS'],
  ['image/x-exr', 0, 'v/1\x01'],
  ['image/vnd.radiance', 0, '#?RADIANCE'],
  ['image/qoi', 0, 'qoif'],
  ['image/vnd.ms-dds', 0, 'DDS '],
  ['video/x-msvideo', 8, 'AVI '],
  ['video/x-ms-asf', 0, '0&\xb2u\x8ef\xcf\x11'],
  ['video/x-flv', 0, 'FLV\x01'],
  ['video/mpeg', 0, '\0\0\x01\xba'],
  ['audio/aiff', 8, 'AIFF'],
  ['audio/aiff', 8, 'AIFC'],
  ['audio/amr', 0, '#!AMR'],
  ['audio/midi', 0, 'MThd'],
  ['image/x-canon-cr3', 4, 'ftypcrx '],
];

/** How far into a file its type is looked for: an SVG begins with comments, at times. */
export const SNIFFED_BYTES = 1024;
/** An SVG, after what may come before it in XML. Drawing programs put pages of entities into its DOCTYPE, and may prefix its names. */
const SVG =
  /^(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<(?:!DOCTYPE (?:\w+:)?svg\b|(?:\w+:)?svg[\s>])/is;

const textOf = (start: Uint8Array, length: number) => String.fromCharCode(...start.subarray(0, length));

/**
 * The media type of a file from its first bytes, also of one that the network cannot read.
 *
 * @returns `undefined` if it is not known
 */
export function mediaTypeOf(start: Uint8Array): string | undefined {
  const text = textOf(start, 64);
  const found = signatures.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0] ?? sniffMediaType(start);
  if (found) return found;
  // with a count of pictures; a font begins nearly the same
  if (/^\0\0.\0[^\0]\0/s.test(text) && start[2] === 1) return 'image/x-icon';
  return SVG.test(textOf(start, SNIFFED_BYTES)) ? 'image/svg+xml' : undefined;
}

/** Media type -> its name for people: known, but the network cannot read it. */
const unreadable: Readonly<Record<string, string>> = {
  'image/heic': 'a HEIC photo',
  'image/bmp': 'a BMP image',
  'image/tiff': 'a TIFF image',
  'image/jxl': 'a JPEG XL image',
  'image/jp2': 'a JPEG 2000 image',
  'image/svg+xml': 'an SVG drawing',
  'image/vnd.adobe.photoshop': 'a Photoshop file (PSD)',
  'image/x-icon': 'an icon (ICO)',
  'image/x-canon-cr3': 'a RAW photo',
  'image/x-exr': 'an OpenEXR image',
  'image/vnd.radiance': 'a Radiance HDR image',
  'image/qoi': 'a QOI image',
  'image/vnd.ms-dds': 'a DDS texture',
  'video/x-msvideo': 'an AVI video',
  'video/x-ms-asf': 'a Windows Media file',
  'video/x-flv': 'a Flash video',
  'video/mpeg': 'an MPEG video',
  'audio/aiff': 'an AIFF sound',
  'audio/amr': 'an AMR recording',
  'audio/midi': 'a MIDI file',
};

/** The name of a type that is known, but that the network cannot read. */
export function describeUnreadable(type: string | undefined): string | undefined {
  return type && Object.hasOwn(unreadable, type) ? unreadable[type] : undefined;
}

/** Files that are no media at all: `[name, first bytes]`. */
const others: [name: string, bytes: string][] = [
  ['a PDF document', '%PDF-'],
  ['a ZIP archive or an office document', 'PK\x03\x04'],
  ['a PostScript file', '%!PS'],
  ['an AAC sound', '\xff\xf1'],
  ['an AAC sound', '\xff\xf9'],
  ['a gzip archive', '\x1f\x8b'],
  ['a 3D model', 'glTF'],
  ['a RAR archive', 'Rar!'],
  ['a 7z archive', '7z\xbc\xaf'],
];
const WEB_PAGE = /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)\b/i;

function nameOther(text: string): string | undefined {
  if (WEB_PAGE.test(text)) return 'a web page';
  return others.find(([, bytes]) => text.startsWith(bytes))?.[0];
}

/** The name of a file that the network cannot read, by its first bytes, and what to convert it to; `undefined` for any other. */
export function findUnreadable(start: Uint8Array): { name: string; convertTo: string } | undefined {
  const type = mediaTypeOf(start);
  const known = describeUnreadable(type);
  const name = known ?? (type ? undefined : nameOther(textOf(start, SNIFFED_BYTES)));
  if (!name) return undefined;
  if (type?.startsWith('video/')) return { name, convertTo: 'MP4 or WebM' };
  const isSound = type?.startsWith('audio/') || name === 'an AAC sound';
  return { name, convertTo: isSound ? 'MP3 or WAV' : 'PNG or JPEG' };
}
