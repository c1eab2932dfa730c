import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

// Fixtures are JSON, packed as small as they get.

const path = (name: string) => resolve(import.meta.dirname, '../fixtures', name);

/** Reads a fixture. */
export function readPacked<T>(name: string): T {
  const params = { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 };
  return JSON.parse(brotliDecompressSync(readFileSync(path(name)), { params }).toString());
}

/** Writes a fixture. Returns its size in bytes. */
export function writePacked(name: string, value: unknown): number {
  const packed = brotliCompressSync(JSON.stringify(value), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LARGE_WINDOW]: 1,
      [constants.BROTLI_PARAM_LGWIN]: 26,
    },
  });
  writeFileSync(path(name), packed);
  return packed.length;
}
