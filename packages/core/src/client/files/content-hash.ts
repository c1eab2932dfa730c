import { builtIn } from './built-in.ts';

/** What a page holds in memory for a hash, in bytes. Larger files are uploaded without one. */
const MOST_BYTES = 256_000_000;

/** SHA-256 of a file, in hex. `undefined` where it cannot be had: pages without https, large files in browsers. */
export async function hashOf(file: Blob): Promise<string | undefined> {
  const hash = builtIn('crypto')?.createHash('sha256');
  if (hash) {
    const reader = file.stream().getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) hash.update(part.value);
    return hash.digest('hex');
  }
  if (file.size > MOST_BYTES || !globalThis.crypto?.subtle) return undefined;
  return await sha256(await file.arrayBuffer());
}

/** SHA-256 in hex, where `crypto.subtle` is. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
