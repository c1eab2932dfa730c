import type { UploadedFile } from '../../shared/api.ts';
import { notFound } from '../http/errors.ts';
import { passFile } from '../http/pass-file.ts';
import { limitRate } from '../http/rate-limit.ts';
import { limitSize } from '../http/size-limit.ts';
import { readPicture } from '../pictures/read-picture.ts';
import type { DemoServices } from '../services.ts';
import { type DemoApp, inNameOf } from '../visitors/visitor.ts';

/** Uploads, and the files that were uploaded. */
export function addFileRoutes(app: DemoApp, { workflowURL, limits, proxies }: DemoServices): void {
  app.post(
    '/api/files',
    limitRate(limits.files, limits.windowMs, proxies),
    limitSize('file', limits.uploadBytes, ' Save it as JPEG or WebP, or make it smaller.'),
    async (c) => {
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const { type, width, height } = await readPicture(bytes, limits.picturePixels);
      const file = new Blob([bytes], { type });
      const url = await inNameOf(c.get('visitor'), ({ workflow }) => workflow.uploadFile(file));
      return c.json({ url, width, height } satisfies UploadedFile);
    },
  );

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
