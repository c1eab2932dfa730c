// Each way to write a text is read, and what was read is gone after cleaning, while the rest stays.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readMetadata, stripMetadata } from '../src/metadata.ts';
import {
  avifWith,
  box,
  deflated,
  exif,
  exrWith,
  glbWith,
  jpegWith,
  matroskaTags,
  matroskaWith,
  mp3With,
  mp4With,
  pngWith,
  safetensorsWith,
  streamWith,
  u32,
  vorbisWith,
  webpWith,
} from './formats.ts';

const GRAPH = '{"1": {"class_type": "KSampler"}}';
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16(text).swap16();

type File = Uint8Array<ArrayBuffer>;
type Row = [what: string, make: () => File | Promise<File>, entries: [name: string, text: string][]];

const ASCII = 2;
const UNDEFINED = 7;
const comment = (text: Buffer) => exif([[0x9286, UNDEFINED, text]]);
const jpegExif = (tiff: Buffer) => jpegWith(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff]));
const data = (text: string) => box('data', '\0\0\0\x01\0\0\0\0', text);
const meta = (...content: Buffer[]) => box('meta', '\0\0\0\0', box('hdlr', '\0'.repeat(24)), ...content);

const rows: Row[] = [
  ['PNG, tEXt', () => pngWith('tEXt', 'prompt\0', GRAPH), [['prompt', GRAPH]]],
  ['PNG, tEXt in UTF-8', () => pngWith('tEXt', 'prompt\0', '{"a": "é猫"}'), [['prompt', '{"a": "é猫"}']]],
  ['PNG, tEXt in Latin-1', () => pngWith('tEXt', 'a\0', Buffer.from('caf\xe9', 'latin1')), [['a', 'café']]],
  ['PNG, zTXt', () => pngWith('zTXt', 'prompt\0\0', deflated(GRAPH)), [['prompt', GRAPH]]],
  ['PNG, iTXt', () => pngWith('iTXt', 'prompt\0\0\0en\0\0', GRAPH), [['prompt', GRAPH]]],
  ['PNG, iTXt, compressed', () => pngWith('iTXt', 'prompt\0\x01\0en\0x\0', deflated(GRAPH)), [['prompt', GRAPH]]],
  ['PNG, Exif', () => pngWith('eXIf', exif([[0x110, ASCII, Buffer.from('prompt:{}\0')]])), [['prompt', '{}']]],
  [
    'WebP, Exif of custom nodes',
    () =>
      webpWith(
        exif([
          [0x10e, ASCII, Buffer.from(`Workflow: ${GRAPH}\0`)],
          [0x10f, ASCII, Buffer.from(`Prompt:${GRAPH}\0`)],
          [0x131, ASCII, Buffer.from('Paint: 1.0\0')],
        ]),
      ),
    [
      ['Workflow', GRAPH],
      ['Prompt', GRAPH],
      ['Software', 'Paint: 1.0'],
    ],
  ],
  [
    'WebP, Exif, small end first',
    () => webpWith(exif([[0x110, ASCII, Buffer.from('abc\0')]], true)),
    [['Model', 'abc']],
  ],
  [
    'WebP, Exif with the head that JPEG has',
    () => webpWith(Buffer.concat([Buffer.from('Exif\0\0'), exif([[0x110, ASCII, Buffer.from('longer\0')]])])),
    [['Model', 'longer']],
  ],
  [
    'JPEG, a comment of the user in UTF-16',
    () =>
      jpegWith(
        0xe1,
        Buffer.concat([Buffer.from('Exif\0\0'), comment(Buffer.concat([Buffer.from('UNICODE\0'), utf16be(GRAPH)]))]),
      ),
    [['UserComment', GRAPH]],
  ],
  [
    'JPEG, a comment of the user in UTF-16, small end first',
    () =>
      jpegWith(
        0xe1,
        Buffer.concat([Buffer.from('Exif\0\0'), comment(Buffer.concat([Buffer.from('UNICODE\0'), utf16(GRAPH)]))]),
      ),
    [['UserComment', GRAPH]],
  ],
  [
    'JPEG, a comment of the user in ASCII, and one of Windows',
    () =>
      jpegWith(
        0xe1,
        Buffer.concat([
          Buffer.from('Exif\0\0'),
          exif([
            [0x9c9c, 1, utf16('words\0')],
            [0x9286, UNDEFINED, Buffer.from('ASCII\0\0\0prompt:{}')],
          ]),
        ]),
      ),
    [
      ['XPComment', 'words'],
      ['prompt', '{}'],
    ],
  ],
  [
    'JPEG, a comment of the user in UTF-16 with a mark',
    () => jpegExif(comment(Buffer.concat([Buffer.from('UNICODE\0'), utf16be(`\ufeff${GRAPH}`)]))),
    [['UserComment', GRAPH]],
  ],
  [
    'JPEG, a comment of the user whose encoding is not named',
    () => jpegExif(comment(Buffer.from(GRAPH))),
    [['UserComment', GRAPH]],
  ],
  [
    'JPEG, a comment of the user whose encoding is named wrongly',
    () => jpegExif(comment(Buffer.from(`UNICODE\0prompt:${GRAPH}`))),
    [['prompt', GRAPH]],
  ],
  ['JPEG, keywords of Windows', () => jpegExif(exif([[0x9c9e, 1, utf16('words\0')]])), [['XPKeywords', 'words']]],
  ['JPEG, a comment', () => jpegWith(0xfe, GRAPH), [['comment', GRAPH]]],
  ['JPEG, a comment with a name in it', () => jpegWith(0xfe, `prompt:${GRAPH}`), [['prompt', GRAPH]]],
  ['JPEG, XMP', () => jpegWith(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x/>'), [['XMP', '<x/>']]],
  [
    'AVIF',
    () => avifWith(`prompt:${GRAPH}`, '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'),
    [
      ['prompt', GRAPH],
      ['XMP', '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'],
    ],
  ],
  [
    'MP4, as FFmpeg writes for ComfyUI',
    () =>
      mp4With(
        meta(
          box('keys', '\0\0\0\0\0\0\0\x02', box('mdta', 'workflow'), box('mdta', 'prompt')),
          box('ilst', box('\0\0\0\x02', data(GRAPH)), box('\0\0\0\x01', data('{}'))),
        ),
      ),
    [
      ['prompt', GRAPH],
      ['workflow', '{}'],
    ],
  ],
  [
    'MP4, as iTunes writes',
    () =>
      mp4With(
        meta(
          box(
            'ilst',
            box('\xa9cmt', data(GRAPH)),
            box('----', box('mean', '\0\0\0\0com.x'), box('name', '\0\0\0\0prompt'), data('{}')),
          ),
        ),
      ),
    [
      ['comment', GRAPH],
      ['prompt', '{}'],
    ],
  ],
  ['MOV', () => mp4With(box('\xa9cmt', '\0\x05\0\0', '{"a"}')), [['comment', '{"a"}']]],
  [
    'MOV, where meta has no version',
    () => mp4With(box('meta', box('hdlr', '\0'.repeat(24)), box('ilst', box('\xa9nam', data('film'))))),
    [['\xa9nam', 'film']],
  ],
  ['Ogg Vorbis', () => vorbisWith(`prompt=${GRAPH}`), [['prompt', GRAPH]]],
  ['WebM of a stream, where clusters have no size', () => streamWith('PROMPT', GRAPH), [['PROMPT', GRAPH]]],
  ['Matroska, a tag in a tag', () => matroskaWith('PROMPT', GRAPH), [['PROMPT', GRAPH]]],
  [
    'MP3, ID3 2.4',
    () => mp3With(4, 'TXXX', Buffer.from(`\x03prompt\0${GRAPH.padEnd(300)}\0`)),
    [['prompt', GRAPH.padEnd(300)]],
  ],
  [
    'MP3, ID3 2.3',
    () => mp3With(3, 'TXXX', Buffer.from(`\0prompt\0${GRAPH.padEnd(300)}`)),
    [['prompt', GRAPH.padEnd(300)]],
  ],
  [
    'MP3, UTF-16',
    () => mp3With(3, 'TXXX', Buffer.concat([Buffer.from([1]), utf16('\ufeffprompt\0'), utf16(`\ufeff${GRAPH}`)])),
    [['prompt', GRAPH]],
  ],
  ['MP3, ID3 2.2', () => mp3With(2, 'TXX', Buffer.from(`\0prompt\0${GRAPH}`)), [['prompt', GRAPH]]],
  ['MP3, a title', () => mp3With(3, 'TIT2', Buffer.from(`\0${GRAPH}\0`)), [['TIT2', GRAPH]]],
  ['MP3, a comment', () => mp3With(4, 'COMM', Buffer.from(`\x03eng\0${GRAPH}`)), [['comment', GRAPH]]],
  [
    'GLB',
    () => glbWith({ version: '2.0', extras: { prompt: GRAPH, workflow: { nodes: [] } } }),
    [
      ['prompt', GRAPH],
      ['workflow', '{"nodes":[]}'],
    ],
  ],
  ['safetensors', () => safetensorsWith({ prompt: GRAPH, 'modelspec.title': 'x' }), [['prompt', GRAPH]]],
  ['OpenEXR', () => exrWith([['prompt', GRAPH]]), [['prompt', GRAPH]]],
  ['OpenEXR with parts', () => exrWith([['name', 'left']], [['prompt', GRAPH]]), [['prompt', GRAPH]]],
  [
    'SVG',
    () => svg(`<metadata>\n<![CDATA[\n{"prompt": "</metadata>"}\n]]>\n</metadata>`),
    [['metadata', '{"prompt": "</metadata>"}']],
  ],
  ['SVG, prefixed, without CDATA', () => svg('<svg:metadata id="m">words</svg:metadata >'), [['metadata', 'words']]],
];

const svg = (inside: string): File =>
  Uint8Array.from(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inside}<path id="é"/></svg>`));

describe('texts are read, and are gone when the file is cleaned', () => {
  test.each(rows)('%s', async (_, make, entries) => {
    const before = await make();
    expect((await readMetadata(before))?.entries).toEqual(entries.map(([name, text]) => ({ name, text })));
    const after = stripMetadata(before);
    expect((await readMetadata(after))?.entries).toEqual([]);
    for (const [, text] of entries) expect(Buffer.from(after).includes(text)).toBe(false);
    expect(stripMetadata(after)).toEqual(after);
  });

  test.each(rows)('%s, cut or damaged: nothing is thrown', async (_, make) => {
    const whole = await make();
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = 0xff;
      for (const bytes of [whole.slice(0, at), damaged]) {
        await readMetadata(bytes);
        expect((await readMetadata(stripMetadata(bytes)))?.entries ?? []).toEqual([]);
      }
    }
  });
});

describe('what is not metadata stays', () => {
  test('AVIF: the pixels', async () => {
    const bytes = await avifWith('prompt:{}', '<x/>');
    const after = stripMetadata(bytes);
    const pixels = async (file: File) => await sharp(file, { failOn: 'warning' }).raw().toBuffer();
    expect(after.length).toBe(bytes.length);
    expect(await pixels(after)).toEqual(await pixels(bytes));
  });

  test('GLB: the mesh, and what says where it is', () => {
    const after = Buffer.from(stripMetadata(glbWith({ version: '2.0', extras: { prompt: GRAPH } })));
    expect(after).toEqual(Buffer.from(glbWith({ version: '2.0', extras: {} })));
  });

  test('safetensors: the tensors, and what says how to load them', () => {
    const metadata = { prompt: GRAPH, config: '{"layers": 2}' };
    const after = Buffer.from(stripMetadata(safetensorsWith(metadata)));
    expect(after).toEqual(Buffer.from(safetensorsWith({ config: metadata.config })));
  });

  test('OpenEXR: nothing moves', () => {
    const bytes = exrWith([['prompt', GRAPH]]);
    expect(stripMetadata(bytes)).toEqual(exrWith([['prompt', ' '.repeat(GRAPH.length)]]));
  });

  test('SVG: the drawing', () => {
    expect(stripMetadata(svg('<metadata>a</metadata><g/><metadata>b</metadata>'))).toEqual(svg('<g/>'));
    expect(stripMetadata(svg('<metadata>a'))).toEqual(svg('<metadata>a'));
  });
});

test('Ogg Vorbis: comments end as decoders want it', () => {
  const after = Buffer.from(stripMetadata(vorbisWith('prompt={}')));
  const at = after.indexOf('\x03vorbis');
  expect(after.subarray(at, at + 17)).toEqual(Buffer.from('\x03vorbis\x01\0\0\0x\0\0\0\0\x01', 'latin1'));
  expect(after.subarray(-7)).toEqual(Buffer.from('\x05vorbis'));
});

describe('files that are made to cost much', () => {
  test('a text that unfolds to more than any graph has', async () => {
    const bytes = await pngWith('zTXt', 'prompt\0\0', deflated('x'.repeat(2 ** 26 + 1)));
    expect((await readMetadata(bytes))?.entries).toEqual([]);
  });

  test('boxes in boxes, and tags in tags', async () => {
    const many = 20_000;
    const nested = (headOf: (left: number) => Buffer) =>
      Buffer.concat(Array.from({ length: many }, (_, index) => headOf(many - index)));
    const boxes = nested((left) => Buffer.concat([u32(left * 8), Buffer.from('moov')]));
    expect(
      (await readMetadata(Uint8Array.from(Buffer.concat([box('ftyp', 'isom\0\0\0\0isom'), boxes]))))?.entries,
    ).toEqual([]);
    const tags = nested((left) => Buffer.concat([Buffer.from('67c801000000', 'hex'), u32((left - 1) * 10)]));
    expect((await readMetadata(matroskaTags(tags)))?.entries).toEqual([]);
  });
});
