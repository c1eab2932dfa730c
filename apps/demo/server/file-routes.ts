import { HeuristError, sniffMediaType } from '@heurist/core';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Services } from './context.ts';
import { passFile } from './task-routes.ts';

/** Uploads, and looks at what was uploaded. */
export function addFileRoutes(app: Hono, { heurist, workflowURL, limits }: Services): void {
  const tooLarge = new HeuristError(`The file is larger than ${limits.uploadBytes / 1e6} MB.`, {
    code: 'payload_too_large',
  });
  const limit = bodyLimit({
    maxSize: limits.uploadBytes,
    onError: () => {
      throw tooLarge;
    },
  });

  app.post('/api/files', limit, async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    const type = sniffMediaType(bytes);
    if (!type?.startsWith('image/'))
      throw new HeuristError('This is no picture. PNG, JPEG, WebP, GIF and AVIF are taken.', {
        code: 'invalid_request',
      });
    return c.json({ url: await heurist.workflow.uploadFile(new Blob([bytes], { type })) });
  });

  app.get('/api/files', async (c) => {
    const url = URL.parse(c.req.query('url') ?? '');
    // nothing else: this server does not fetch for others what only it can reach
    if (url?.origin !== new URL(workflowURL).origin || !url.pathname.startsWith('/artifacts/'))
      throw new HeuristError('There is no such file.', { code: 'not_found' });
    return await passFile(c, url.href);
  });
}
