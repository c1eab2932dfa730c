import { sniffMediaType } from '@heurist/core';
import { stripJpeg, stripPng, stripWebp } from './pictures.ts';
import { stripFlac, stripMp3, stripOgg } from './sounds.ts';
import { stripMatroska, stripMp4 } from './videos.ts';

const strippers: Record<string, (bytes: Uint8Array) => Uint8Array<ArrayBuffer>> = {
  'image/png': stripPng,
  'image/webp': stripWebp,
  'image/jpeg': stripJpeg,
  'video/mp4': stripMp4,
  'video/webm': stripMatroska,
  'audio/flac': stripFlac,
  'audio/mpeg': stripMp3,
  'audio/ogg': stripOgg,
};

/**
 * A file without what ComfyUI writes beside the pixels and samples: the whole graph, and with it the prompt. Those are not
 * touched, nor is anything that says how to read them. Files of other types come back as they are.
 */
export function stripMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const strip = strippers[sniffMediaType(bytes) ?? ''];
  return strip ? strip(bytes) : bytes;
}
