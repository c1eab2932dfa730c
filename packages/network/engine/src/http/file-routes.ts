import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Hono } from 'hono';
import { FILE_TYPES, type FileType } from '../storage/files.ts';
import type { RouteServices } from './route-services.ts';
import { sendFile } from './send-file.ts';

/** Uploads and downloads. */
export function addFileRoutes(app: Hono, { files }: RouteServices): void {
  app.post('/upload/image', async (c) => {
    const form = await c.req.parseBody().catch(() => ({}) as Record<string, string | File>);
    const { image, subfolder = '', type = 'input', overwrite } = form;
    if (!(image instanceof File) || !image.name) return c.body(null, 400);
    const ref = { filename: basename(image.name), subfolder: String(subfolder), type: fileType(String(type)) };
    const bytes = new Uint8Array(await image.arrayBuffer());
    const saved = await files.saveUpload(bytes, ref, overwrite === 'true' || overwrite === '1');
    return c.json({ name: saved.filename, subfolder: saved.subfolder, type: saved.type });
  });
  app.get('/view', async (c) => {
    const { filename, subfolder = '', type = 'output', channel = '', preview } = c.req.query();
    if (filename === undefined) return c.body(null, 404);
    const [, name = '', annotated] = /^(.*?)(?: \[(input|output|temp)\])?$/.exec(filename) ?? [];
    if (!name || name.startsWith('/') || name.includes('..')) return c.body(null, 400);
    if (!FILE_TYPES.includes(type as FileType)) return c.body(null, 400);
    const path = files.locate({ filename: basename(name), subfolder, type: (annotated ?? type) as FileType });
    if (!existsSync(path)) return c.body(null, 404);
    return await sendFile(c, path, channel, preview);
  });
}

function fileType(text: string): FileType {
  if (!FILE_TYPES.includes(text as FileType)) throw new Error(`Unknown folder type: ${text}`);
  return text as FileType;
}
