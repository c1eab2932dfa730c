import type { Context } from 'hono';
import { notFound, unreachable } from './errors.ts';

const passedHeaders = ['content-type', 'content-length', 'content-range', 'accept-ranges'];

/** Passes a stored file on. The network's URL stays here: it expires, and the page may be unable to reach it. */
export async function passFile(c: Context, url: string, filename?: string): Promise<Response> {
  const range = c.req.header('range');
  const requestHeaders = range ? { range } : {};
  const file = await fetch(url, { headers: requestHeaders, redirect: 'error', signal: c.req.raw.signal }).catch(
    (cause) => {
      throw unreachable(cause);
    },
  );
  if (!file.ok) throw notFound('The file is no longer on the network.');
  const headers = new Headers({ 'cache-control': 'private, max-age=86400' });
  for (const name of passedHeaders) {
    const value = file.headers.get(name);
    if (value) headers.set(name, value);
  }
  if (filename) {
    const kind = c.req.query('download') === undefined ? 'inline' : 'attachment';
    headers.set('content-disposition', `${kind}; filename="${filename.replaceAll(/[^\w.() -]/g, '_')}"`);
  }
  return new Response(file.body, { status: file.status, headers });
}
