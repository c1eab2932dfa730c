import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Context } from 'hono';
import sharp from 'sharp';

const contentTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.txt': 'text/plain; charset=utf-8',
};

/** Answers with a file: whole, a byte range of it, a smaller preview, or only its colors or its alpha channel. */
export async function sendFile(
  c: Context,
  path: string,
  channel: string,
  preview: string | undefined,
): Promise<Response> {
  const disposition = {
    'content-disposition': `filename="${headerText(basename(path))}"`,
    'x-content-type-options': 'nosniff',
  };
  if (preview !== undefined) {
    const [wanted, quality = '90'] = preview.split(';');
    const format = wanted === 'jpeg' && !channel.includes('a') ? 'jpeg' : 'webp';
    const bytes = await sharp(path)
      .toFormat(format, { quality: Number(quality) || 90 })
      .toBuffer();
    return c.body(new Uint8Array(bytes), 200, { ...disposition, 'content-type': `image/${format}` });
  }
  if (channel === 'rgb' || channel === 'a') {
    const picture = channel === 'rgb' ? sharp(path).removeAlpha() : sharp(path).ensureAlpha().extractChannel('alpha');
    const bytes = await picture.png().toBuffer();
    return c.body(new Uint8Array(bytes), 200, { ...disposition, 'content-type': 'image/png' });
  }
  const type = contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const headers = { ...disposition, 'content-type': type, 'accept-ranges': 'bytes' };
  const bytes = new Uint8Array(await readFile(path));
  const range = parseRange(c.req.header('range'), bytes.length);
  if (!range) return c.body(bytes, 200, headers);
  const [start, end] = range;
  const contentRange = `bytes ${start}-${end - 1}/${bytes.length}`;
  return c.body(bytes.subarray(start, end), 206, { ...headers, 'content-range': contentRange });
}

/** A name as a header can hold it: clients know the real one, since they asked for it. */
const headerText = (name: string) => name.replaceAll(/[^\x20-\x7e]|["\\]/gu, '_');

/** Start and end of one byte range; anything else gets the whole file, which HTTP allows. */
function parseRange(header: string | undefined, size: number): [start: number, end: number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(size, Number(last) + 1) : size;
  return start < end ? [start, end] : undefined;
}
