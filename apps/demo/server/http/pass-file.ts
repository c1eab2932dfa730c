import { kindOfMedia } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { notFound, unreachable } from './errors.ts';

const passedHeaders = ['content-type', 'content-length', 'content-range', 'accept-ranges'];

/** Passes a stored file on, with `?download` to be saved, with `?download=NAME` under that name. The network's URL stays here: it expires, and the page may be unable to reach it. */
export async function passFile(c: Context, url: string, ownName?: string): Promise<Response> {
  const range = c.req.header('range');
  const file = await open(url, range ? { range } : {}, c.req).catch((cause) => {
    throw unreachable(cause);
  });
  if (!file.ok) {
    await file.body?.cancel();
    throw notFound('The file is no longer on the network.');
  }
  // the next visitor of this browser may be another
  const headers = new Headers({ 'cache-control': 'private, max-age=86400', vary: 'cookie' });
  for (const name of passedHeaders) {
    const value = file.headers.get(name);
    if (value) headers.set(name, value);
  }
  const wanted = c.req.query('download');
  headers.set('content-disposition', dispositionOf(headers, wanted !== undefined, wanted || ownName));
  return new Response(file.body, { status: file.status, headers });
}

/** Only raster images, video and audio are shown: anything else, such as HTML or SVG, could pose as a page of this server. */
function dispositionOf(headers: Headers, isDownload: boolean, filename: string | undefined): string {
  const isShown = ['image', 'video', 'audio'].includes(kindOfMedia(headers.get('content-type') ?? ''));
  const name = filename === undefined ? '' : `; filename="${filename.replaceAll(/[^\w.() -]/g, '_')}"`;
  return `${isShown && !isDownload ? 'inline' : 'attachment'}${name}`;
}

/** Asks until the answer begins or the visitor is gone. From then on, whoever reads the answer closes it. */
async function open(url: string, headers: Record<string, string>, { method, raw }: Context['req']): Promise<Response> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  raw.signal.addEventListener('abort', abort);
  // a HEAD must not make the network open the file
  const asked = {
    method: method === 'HEAD' ? 'HEAD' : 'GET',
    headers,
    redirect: 'error',
    signal: gone.signal,
  } as const;
  return await fetch(url, asked).finally(() => raw.signal.removeEventListener('abort', abort));
}
