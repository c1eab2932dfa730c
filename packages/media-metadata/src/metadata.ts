import { mediaTypeOf } from '@heurist/core/protocol';
import { latin1 } from './bytes.ts';
import type { Container, Entry } from './container.ts';
import { exr } from './exr.ts';
import { flac } from './flac.ts';
import { heif } from './heif.ts';
import { glb, isSafetensors, safetensors } from './json-heads.ts';
import { matroska } from './matroska.ts';
import { mp3 } from './mp3.ts';
import { mp4 } from './mp4.ts';
import { ogg } from './ogg.ts';
import { jpeg, webp } from './pictures.ts';
import { png } from './png.ts';
import { svg } from './svg.ts';

/** A format that can hold a graph: its name for people, and where files say something about themselves. */
interface Format {
  name: string;
  container: Container;
}

const formats: Readonly<Record<string, Format>> = {
  'image/png': { name: 'a PNG image', container: png },
  'image/webp': { name: 'a WebP image', container: webp },
  'image/jpeg': { name: 'a JPEG image', container: jpeg },
  'image/avif': { name: 'an AVIF image', container: heif },
  'image/heic': { name: 'a HEIC photo', container: heif },
  'image/svg+xml': { name: 'an SVG drawing', container: svg },
  'image/x-exr': { name: 'an OpenEXR image', container: exr },
  'video/mp4': { name: 'an MP4 or MOV video', container: mp4 },
  'audio/mp4': { name: 'an M4A sound', container: mp4 },
  'video/webm': { name: 'a WebM or Matroska video', container: matroska },
  'audio/flac': { name: 'a FLAC sound', container: flac },
  'audio/mpeg': { name: 'an MP3 sound', container: mp3 },
  'audio/ogg': { name: 'an Opus or Ogg sound', container: ogg },
};

function formatOf(bytes: Uint8Array): Format | undefined {
  if (latin1(bytes, 0, 4) === 'glTF') return { name: 'a 3D model (GLB)', container: glb };
  if (isSafetensors(bytes)) return { name: 'a latent or a model (safetensors)', container: safetensors };
  return formats[mediaTypeOf(bytes) ?? ''];
}

/** What a file says about itself, and the name of its format; `undefined` if files of its format hold no graph. */
export async function readMetadata(bytes: Uint8Array): Promise<{ format: string; entries: Entry[] } | undefined> {
  const format = formatOf(bytes);
  if (!format) return undefined;
  const entries: Entry[] = [];
  for (const block of format.container.find(bytes)) entries.push(...(await block.read()));
  return { format: format.name, entries };
}

/**
 * A file without what ComfyUI writes beside the pixels and samples: the whole graph, and with it the prompt. Those are not
 * touched, nor is anything that says how to read them. Files of other types come back as they are.
 */
export function stripMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const container = formatOf(bytes)?.container;
  return container ? container.remove(bytes, container.find(bytes)) : bytes;
}
