import { expect, test } from 'vitest';
import { sniffMediaType } from './media-type.ts';

test.each([
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
  [undefined, Buffer.from('just text').toString('hex')],
  [undefined, ''],
  // the signature must be at its place
  [undefined, '0089504e470d0a1a0a'],
  [undefined, '66747970'],
])('%s: %s', (type, hex) => {
  expect(sniffMediaType(Buffer.from(hex, 'hex'))).toBe(type);
  expect(sniffMediaType(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(100)]))).toBe(type);
});
