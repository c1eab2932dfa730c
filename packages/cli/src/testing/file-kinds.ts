import { mediaTypeOf } from '@heurist/core/protocol';

/** Name of a format -> its media type. */
const formats = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  mp4: 'video/mp4',
  webm: 'video/webm',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  json: 'application/json',
} as const;

const groups = ['image', 'video', 'audio', 'text'] as const;

type Format = keyof typeof formats;
/** What a test may say that an output is. */
export type KindName = Format | (typeof groups)[number];

export const KIND_NAMES = [...(Object.keys(formats) as Format[]), ...groups] as const;

/** The media type of a file by its content; text has no signature, so there the miner's word counts. */
export function typeOfContent(bytes: Uint8Array, announced: string): string {
  return mediaTypeOf(bytes.subarray(0, 1024)) ?? announced.split(';')[0]!.trim().toLowerCase();
}

/** The name of a media type for people. */
export function nameOfType(type: string): string {
  return Object.entries(formats).find(([, known]) => known === type)?.[0] ?? type;
}

/** Whether a media type is what a test says. */
export function isOfKind(type: string, kind: KindName): boolean {
  if (kind in formats) return formats[kind as Format] === type;
  return type.startsWith(`${kind}/`) || (kind === 'text' && type === formats.json);
}

const isPicture = (type: string) => type.startsWith('image/');

/** The formats that can be looked at: nothing here decodes videos. */
export const PICTURES = `pictures (${Object.entries(formats)
  .flatMap(([name, type]) => (isPicture(type) ? [name] : []))
  .join(', ')})`;

/** Whether a file of this kind can be looked at. */
export const isPictureKind = (kind: KindName) =>
  kind === 'image' || (kind in formats && isPicture(formats[kind as Format]));
