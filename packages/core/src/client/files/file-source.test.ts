import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { type FileSource, openFile } from './file-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'core-'));
afterAll(() => rmSync(folder, { recursive: true }));
const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
writeFileSync(join(folder, 'good.dat'), png);
writeFileSync(join(folder, 'text.png'), 'this is text');
writeFileSync(join(folder, 'empty.png'), '');

test.each<[string, FileSource]>([
  ['a path', join(folder, 'good.dat')],
  ['a Blob', new Blob([png], { type: 'text/plain' })],
  ['bytes', new Uint8Array(png)],
  ['a buffer', new Uint8Array(png).buffer],
])('%s is opened with the type of its content', async (_, source) => {
  const file = await openFile(source);
  expect([file.type, file.size]).toEqual(['image/png', 10]);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(png);
});

test.each<[string, FileSource, RegExp]>([
  [
    'a path that does not exist',
    join(folder, 'none.png'),
    /^".*none\.png" cannot be read \(ENOENT\)\. Check the path\.$/,
  ],
  ['a folder', folder, /^".*" cannot be read \(not a file\)\. Check the path\.$/],
  ['an empty file', join(folder, 'empty.png'), /^".*empty\.png" is empty \(0 bytes\)\. Choose another file\.$/],
  ['text renamed .png', join(folder, 'text.png'), /^".*text\.png" is not an image, video or audio file.*Use PNG, JPEG/],
  ['empty bytes', new Uint8Array(), /^The file is empty/],
  ['other bytes', new Uint8Array(10), /^The file is not an image/],
  [
    'HEIC',
    Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
    /^The file is a HEIC photo, which.*Convert it to PNG or JPEG/,
  ],
  ['BMP', Buffer.from('BM\x8a\0\0\0\0\0\0\0'), /^The file is a BMP image, which/],
  ['a URL as text', 'https://example.com/a.png', /^"https:\/\/example\.com\/a\.png" is a URL, not a path\..*option/],
  ['a data: URL', `data:image/png;base64,${png.toString('base64')}`, /^The file is a data: URL, not a path\. [^,]*$/],
  ['base64', png.toString('base64').repeat(100), /^The file is base64 text, not a path\. Pass bytes/],
  ['a long text', 'a photo of a cat, '.repeat(100), /^"a photo .{190,210}" cannot be read \((ENOENT|ENAMETOOLONG)\)/],
  [
    'a URL',
    new URL('https://example.com/a.png') as never,
    /^A file must be a path, a Blob, bytes or a stream \(got URL\)/,
  ],
  ['a Response', new Response('x') as never, /\(got Response\)\. Pass its `body`/],
  ['a stream of text', new Response('text').body as never, /^The file is not an image/],
  ['a number', 5 as never, /\(got Number\)/],
  ['nothing', undefined as never, /\(got Undefined\)/],
])('%s is refused', async (_, source, message) => {
  await expect(openFile(source)).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(message),
  });
});

const throwing = () => {
  throw new Error('not here');
};
test.each([{}, { getBuiltinModule: () => undefined }, { getBuiltinModule: throwing }, undefined])(
  'a platform without files asks for bytes: process is %j',
  async (process) => {
    vi.stubGlobal('process', process);
    try {
      await expect(openFile('a.png')).rejects.toMatchObject({
        code: 'invalid_input',
        message: 'Only Node, Bun and Deno can read a path. Pass a Blob or bytes.',
      });
    } finally {
      vi.unstubAllGlobals();
    }
  },
);
