import { expect, test } from 'vitest';
import { sniffMediaType } from './media-type.ts';

const iso = (brand: string) => Buffer.from(`\0\0\0\x20ftyp${brand}`, 'latin1').toString('hex');

test.each<readonly [string | undefined, string]>([
  ['image/png', '89504e470d0a1a0a'],
  ['image/jpeg', 'ffd8ffe0'],
  ['image/gif', '474946383961'],
  ['image/webp', '524946460000000057454250'],
  ['audio/wav', '524946460000000057415645'],
  ['video/mp4', '0000001866747970'],
  ['video/webm', '1a45dfa3'],
  ['audio/flac', '664c6143'],
  ['audio/ogg', '4f676753'],
  ['audio/mpeg', '494433'],
  ['audio/mpeg', 'fffb90'],
  ['audio/mpeg', 'fff390'],
  ['audio/mpeg', 'fff290'],
  ['audio/mpeg', 'fffa90'],
  ['image/bmp', '424d8a000000000000008a000000'],
  [undefined, Buffer.from('BMW drives on').toString('hex')],
  // a JPEG, and AAC without a container
  ['image/jpeg', 'ffd8ffe1'],
  [undefined, 'fff150'],
  ...['avif', 'avis', 'mif1\0\0\0\0mif1avif', 'msf1\0\0\0\0avis'].map((brand) => ['image/avif', iso(brand)] as const),
  ...['heic', 'heix', 'hevc', 'heim', 'mif1\0\0\0\0mif1heic', 'msf1'].map(
    (brand) => ['image/heic', iso(brand)] as const,
  ),
  ...['M4A ', 'M4B '].map((brand) => ['audio/mp4', iso(brand)] as const),
  ...['isom', 'mp42', 'qt  ', 'M4V '].map((brand) => ['video/mp4', iso(brand)] as const),
  [undefined, Buffer.from('just text').toString('hex')],
  [undefined, ''],
  // the signature must be at its place
  [undefined, '0089504e470d0a1a0a'],
  [undefined, '66747970'],
])('%s: %s', (type, hex) => {
  expect(sniffMediaType(Buffer.from(hex, 'hex'))).toBe(type);
  expect(sniffMediaType(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(100)]))).toBe(type);
});
