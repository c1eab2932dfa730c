import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeuristError } from '@heurist/core';

/** A file to fetch. */
export interface Download {
  url: string;
  /** Where to; folders are made. */
  path: string;
  /** Lower-case hex, if it is known. */
  sha256?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** Is told how many bytes are there, and how many there will be, if the server says so. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
}

/** Breaks in a row, without a byte between them. */
const MAX_BREAKS = 5;
const MAX_REDIRECTS = 5;

/**
 * Fetches a large file. What was there before a break, or an end of the process, is kept in `<path>.part` and not fetched again. The
 * file appears whole, with the right SHA-256, or not at all.
 *
 * @returns the SHA-256 that was compared, if one was known
 * @throws {HeuristError} `connection_failed` when the server refuses it or goes away for good, `invalid_reply` when it is damaged
 */
export async function downloadFile(download: Download): Promise<string | undefined> {
  const { path } = download;
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const source = await find(download);
  const expected = download.sha256 ?? source.sha256;
  for (let breaks = 0; ; ) {
    const before = await sizeOf(part);
    try {
      if (await appendRest(download, source.url, part, before)) break;
    } catch (error) {
      download.signal?.throwIfAborted();
      if (HeuristError.isInstance(error)) throw error;
    }
    breaks = (await sizeOf(part)) > before ? 0 : breaks + 1;
    if (breaks > MAX_BREAKS) throw failed(download, 'the connection breaks again and again');
    await sleep(Math.min(500 * 2 ** breaks, 10_000), undefined, { signal: download.signal });
  }
  if (expected && (await hashOf(part)) !== expected) {
    await rm(part);
    throw new HeuristError(
      `${download.url} arrived with another SHA-256 than it should have, and was deleted. Run this again.`,
      { code: 'invalid_reply' },
    );
  }
  await rename(part, path);
  return expected;
}

interface Source {
  url: string;
  sha256: string | undefined;
}

/** Follows redirects by hand: that of Hugging Face tells the SHA-256 of the file, and a key is for the first host alone. */
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
      // some answer to GET alone
      if (response.ok || response.status === 405 || response.status === 501) return { url, sha256 };
      throw failed(download, `the server answered ${response.status}`);
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
  // nothing is left to send
  if (status === 416 && response.headers.get('content-range') === `bytes */${before}`) return true;
  if (status >= 500 || status === 429) throw new Error(`status ${status}`);
  if (status === 416) await rm(part);
  if (!response.ok || !response.body) throw failed(download, `the server answered ${status}`);
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

function failed({ url }: Download, reason: string): HeuristError {
  const key = /40[13]$/.test(reason) ? ' It may want a key: set HF_TOKEN to one that may read it.' : '';
  return new HeuristError(`${url} cannot be fetched: ${reason}.${key}`, { code: 'connection_failed' });
}
