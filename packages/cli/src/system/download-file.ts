import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../output/command-error.ts';

/** A file to download. */
export interface Download {
  url: string;
  /** Destination; folders are created. */
  path: string;
  /** Lower-case hex, if known. */
  sha256?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** Called with the bytes downloaded so far, and with the total if the server announces it. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
}

/** Broken connections in a row, without a byte between them. */
const MAX_BREAKS = 5;
const MAX_REDIRECTS = 5;

/**
 * Downloads a large file. After a broken connection, or in a later process, it continues from `<path>.part`. The file
 * appears whole, with the right SHA-256, or not at all.
 *
 * @returns the SHA-256 that was compared, if one was known
 * @throws {CommandError} `connection_failed` if the server refuses or disappears, `invalid_reply` if the file is damaged
 */
export async function downloadFile(download: Download): Promise<string | undefined> {
  const { path } = download;
  const part = `${path}.part`;
  await mkdir(dirname(resolve(path)), { recursive: true });
  const source = await find(download);
  const expected = download.sha256 ?? source.sha256;
  for (let breaks = 0; ; ) {
    const before = await sizeOf(part);
    try {
      if (await appendRest(download, source.url, part, before)) break;
    } catch (error) {
      download.signal?.throwIfAborted();
      if (CommandError.isInstance(error)) throw error;
    }
    breaks = (await sizeOf(part)) > before ? 0 : breaks + 1;
    if (breaks > MAX_BREAKS) throw failed(download, 'the connection keeps breaking');
    await sleep(Math.min(500 * 2 ** breaks, 10_000), undefined, { signal: download.signal });
  }
  if (expected && (await hashOf(part)) !== expected) {
    await rm(part);
    throw new CommandError(`${download.url} has the wrong SHA-256 and was deleted. Run the command again.`, {
      code: 'invalid_reply',
    });
  }
  await rename(part, path);
  return expected;
}

interface Source {
  url: string;
  sha256: string | undefined;
}

/** Follows redirects by hand: Hugging Face's has the SHA-256 of the file, and a token is for the first host only. */
async function find(download: Download): Promise<Source> {
  let { url } = download;
  let sha256: string | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const headers = redirects ? {} : { ...download.headers };
    const head = { method: 'HEAD', headers, redirect: 'manual' } as const;
    const response = await request(download, url, head).catch((error) => {
      throw failed(download, error.cause?.code ?? error.cause?.message ?? error.message);
    });
    sha256 ??= response.headers.get('x-linked-etag')?.match(/^"?([0-9a-f]{64})"?$/)?.[1];
    const location = response.headers.get('location');
    if (response.status < 300 || !location) {
      // some servers answer GET only
      if (response.ok || response.status === 405 || response.status === 501) return { url, sha256 };
      throw failed(download, `status ${response.status}`);
    }
    url = new URL(location, url).href;
  }
  throw failed(download, `more than ${MAX_REDIRECTS} redirects`);
}

/** Returns whether the file is whole now. */
async function appendRest(download: Download, url: string, part: string, before: number): Promise<boolean> {
  const isFirst = url === download.url;
  const headers = { ...(isFirst && download.headers), ...(before && { range: `bytes=${before}-` }) };
  const response = await request(download, url, { headers });
  const { status } = response;
  // the file was already complete
  if (status === 416 && response.headers.get('content-range') === `bytes */${before}`) return true;
  if (status >= 500 || status === 429) throw new Error(`status ${status}`);
  if (status === 416) await rm(part);
  if (!response.ok || !response.body) throw failed(download, `status ${status}`);
  const from = status === 206 ? before : 0;
  const length = response.headers.get('content-length');
  const total = length === null ? undefined : from + Number(length);
  let bytes = from;
  const tell = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      download.onProgress?.(bytes, total);
      yield chunk;
    }
  };
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(body, tell, createWriteStream(part, { flags: from ? 'a' : 'w' }), {
    ...(download.signal && { signal: download.signal }),
  });
  return total === undefined || bytes === total;
}

async function request(download: Download, url: string, init: RequestInit): Promise<Response> {
  return await fetch(url, { ...init, ...(download.signal && { signal: download.signal }) });
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function failed({ url }: Download, reason: string): CommandError {
  const key = /40[13]$/.test(reason) ? ' It may be gated: set HF_TOKEN to a token that can read it.' : '';
  return new CommandError(`${url} cannot be downloaded: ${reason}.${key}`, { code: 'connection_failed' });
}
