import { printableLine } from './printable.ts';

/** Media type -> endings of its files, the usual one first. */
const endings: Record<string, readonly string[]> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'image/avif': ['avif'],
  'image/heic': ['heic', 'heif'],
  'image/bmp': ['bmp'],
  'image/tiff': ['tif', 'tiff'],
  'image/jxl': ['jxl'],
  'image/svg+xml': ['svg'],
  'image/vnd.adobe.photoshop': ['psd'],
  'image/x-exr': ['exr'],
  'video/x-msvideo': ['avi'],
  'video/mp4': ['mp4'],
  'video/webm': ['webm'],
  'audio/wav': ['wav'],
  'audio/flac': ['flac'],
  'audio/ogg': ['ogg', 'opus'],
  'audio/opus': ['opus'],
  'audio/mpeg': ['mp3'],
  'text/plain': ['txt'],
  'application/json': ['json'],
  'application/zip': ['zip'],
  'model/gltf-binary': ['glb'],
  'application/octet-stream': ['bin', 'latent', 'safetensors', 'glb', 'ply', 'npy'],
};

/** The media type alone, without parameters. */
const bareType = (content_type: string) => content_type.split(';')[0]!.trim().toLowerCase();

/** The kind of a file, by its media type. Only raster images are images: an SVG can run scripts. */
export function kindOfMedia(content_type: string): 'image' | 'video' | 'audio' | 'text' | 'file' {
  const type = bareType(content_type);
  if (/^image\/(png|jpeg|webp|gif|avif)$/.test(type)) return 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  return type === 'text/plain' || type === 'application/json' ? 'text' : 'file';
}

/** The ending of a file by its media type, `png`. That of its name counts only if it fits the type; unknown types get `bin`. */
export function fileEnding(content_type: string, filename = ''): string {
  const type = bareType(content_type);
  const allowed = Object.hasOwn(endings, type) ? endings[type]! : ['bin'];
  const given = /\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  return allowed.includes(given) ? given : allowed[0]!;
}

/** Systems allow 255 bytes for the whole name. */
const LONGEST_STEM = 100;
const MOST_BYTES = 200;
/** Devices of Windows, whatever stands behind a point. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])? *(\.|$)/i;

/** As many whole characters as a name has room for. */
function shorten(stem: string): string {
  let bytes = 0;
  const characters = [...stem].slice(0, LONGEST_STEM);
  const end = characters.findIndex((character) => {
    bytes += new TextEncoder().encode(character).length;
    return bytes > MOST_BYTES;
  });
  return characters.slice(0, end < 0 ? undefined : end).join('');
}

/**
 * The name of a stranger's file, safe to save: no folders, no control characters or marks that turn text, no name that a
 * system reserves; its ending follows the media type.
 */
export function safeFilename(filename: string, content_type: string): string {
  const last = printableLine(filename).split(/[/\\]/).at(-1)!;
  const stem = last
    .replace(/\.\w*$/, '')
    .replaceAll(/[<>:"|?*%]/g, '_')
    .replace(/^[\s.~-]+/, '');
  const short = shorten(stem).trim();
  return `${RESERVED.test(short) ? `file${short && `_${short}`}` : short}.${fileEnding(content_type, last)}`;
}
