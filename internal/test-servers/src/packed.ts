import { type PathLike, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

// Large recordings are JSON, packed as small as they get.

/** Reads a packed file. */
export function readPacked<T>(path: PathLike): T {
  const params = { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 };
  return JSON.parse(brotliDecompressSync(readFileSync(path), { params }).toString());
}

/** Writes a packed file. Returns its size in bytes. */
export function writePacked(path: PathLike, value: unknown): number {
  const packed = brotliCompressSync(JSON.stringify(value), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LARGE_WINDOW]: 1,
      [constants.BROTLI_PARAM_LGWIN]: 26,
    },
  });
  writeFileSync(path, packed);
  return packed.length;
}
