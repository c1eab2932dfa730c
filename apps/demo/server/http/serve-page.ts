import { serveStatic } from '@hono/node-server/serve-static';
import type { Context, Next } from 'hono';
import { etag } from 'hono/etag';
import { PAGE_PATHS } from '../../shared/page-paths.ts';
import type { DemoApp } from '../visitors/visitor.ts';

/** Serves the built page and its files, compressed copies if the browser takes them. */
export function addPage(app: DemoApp, webDir: string): void {
  const files = serveStatic({ root: webDir, precompressed: true });
  // as it is shown: `gallery.html` at `/gallery`, and `tasks/id.html` for every task
  const known = serveStatic({ root: webDir, precompressed: true, rewriteRequestPath: (path) => `${path}.html` });
  const withId = serveStatic({ root: webDir, precompressed: true, rewriteRequestPath: roomOf });
  const page = serveStatic({ root: webDir, precompressed: true, path: 'page.html' });
  app.use(etag(), setCaching);
  app.get('/', files);
  for (const path of PAGE_PATHS) app.get(path, known, withId, page);
  app.use(files);
  app.get('*', async (c, next) => (/\.\w+$/.test(c.req.path) ? fileNotFound(c) : await pageNotFound(page, c, next)));
}

const roomOf = (path: string) => path.replace(/[^/]+$/, 'id.html');

async function setCaching(c: Context, next: Next): Promise<void> {
  await next();
  c.res.headers.set('cache-control', cachingOf(c.req.path, c.res));
}

/** The page names files by the hash of their content, so an old page would ask for files that are gone. */
function cachingOf(path: string, { ok, headers }: Response): string {
  if (!ok || headers.get('content-type')?.startsWith('text/html')) return 'no-cache';
  return path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
}

/** The page says it, and links to what there is. */
async function pageNotFound(page: ReturnType<typeof serveStatic>, c: Context, next: Next) {
  const found = await page(c, next);
  return found && new Response(found.body, { status: 404, headers: found.headers });
}

/** A page of an older build must not get HTML in place of a script. */
const fileNotFound = (c: Context) =>
  c.html(
    '<!doctype html><html lang="en"><title>File not found</title><h1>File not found</h1><p><a href="/">Heurist Studio</a></html>',
    404,
  );
