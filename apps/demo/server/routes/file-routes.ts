import { sniffMediaType } from '@heurist/core';
import type { Hono } from 'hono';
import { invalidRequest, notFound } from '../http/errors.ts';
import { passFile } from '../http/pass-file.ts';
import { limitRate } from '../http/rate-limit.ts';
import { limitSize } from '../http/size-limit.ts';
import type { DemoServices } from '../services.ts';

/** Uploads, and the files that were uploaded. */
export function addFileRoutes(app: Hono, { heurist, workflowURL, limits }: DemoServices): void {
  app.post('/api/files', limitRate(limits.files, limits.windowMs), limitSize('file', limits.uploadBytes), async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    const type = sniffMediaType(bytes);
    if (!type?.startsWith('image/'))
      throw invalidRequest('This file is not an image. Use PNG, JPEG, WebP, GIF or AVIF.');
    return c.json({ url: await heurist.workflow.uploadFile(new Blob([bytes], { type })) });
  });

  // below the path of the network, which a proxy may have given it
  const filesPath = new URL(`${workflowURL.replace(/\/*$/, '/')}artifacts/`).pathname;
  app.get('/api/files', async (c) => {
    const url = URL.parse(c.req.query('url') ?? '');
    // nothing else: a visitor must not make this server fetch what only it can reach
    if (url?.origin !== new URL(workflowURL).origin || !url.pathname.startsWith(filesPath))
      throw notFound('File not found.');
    return await passFile(c, url.href);
  });
}
