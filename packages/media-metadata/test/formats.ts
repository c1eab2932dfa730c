// Small files of each format that hold a text, put together by the rules of the format.
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const plain = sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } });

export const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const u32le = (value: number) => u32(value).reverse();
const u16 = (value: number) => u32(value).subarray(2);

const chunk = (type: string, ...content: (string | Uint8Array)[]) => {
  const body = Buffer.concat([Buffer.from(type), ...content.map((part) => Buffer.from(part as string))]);
  return Buffer.concat([u32(body.length - 4), body, u32(crc32(body))]);
};

/** A PNG with a chunk behind its pixels. */
export async function pngWith(type: string, ...content: (string | Uint8Array)[]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await plain.clone().png().toBuffer();
  const end = bytes.length - 12;
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, end), chunk(type, ...content), bytes.subarray(end)]));
}

export const deflated = (text: string) => deflateSync(text);

/** Exif with fields of text, `[tag, type, value]`: those of Exif itself are in a directory of their own. */
export function exif(fields: [tag: number, type: number, value: Buffer][], isLittle = false): Buffer {
  const order = (bytes: Buffer) => (isLittle ? Buffer.from(bytes).reverse() : bytes);
  const own = fields.filter(([tag]) => tag > 0x9000 && tag < 0x9c00);
  const first = fields.filter((field) => !own.includes(field));
  const size = (count: number) => 2 + count * 12 + 4;
  const secondAt = 8 + size(first.length + 1);
  let dataAt = secondAt + size(own.length);
  const data: Buffer[] = [];
  const field = ([tag, type, value]: (typeof fields)[number]) => {
    const head = [order(u16(tag)), order(u16(type)), order(u32(value.length))];
    if (value.length <= 4) return Buffer.concat([...head, value, Buffer.alloc(4 - value.length)]);
    data.push(value);
    dataAt += value.length;
    return Buffer.concat([...head, order(u32(dataAt - value.length))]);
  };
  const directory = (entries: Buffer[]) => Buffer.concat([order(u16(entries.length)), ...entries, Buffer.alloc(4)]);
  const pointer = Buffer.concat([order(u16(0x8769)), order(u16(4)), order(u32(1)), order(u32(secondAt))]);
  const start = Buffer.concat([Buffer.from(isLittle ? 'II*\0' : 'MM\0*'), order(u32(8))]);
  return Buffer.concat([start, directory([...first.map(field), pointer]), directory(own.map(field)), ...data]);
}

/** A WebP with Exif. */
export async function webpWith(content: Buffer): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await plain
    .clone()
    .webp()
    .withExif({ IFD0: { Model: 'x' } })
    .toBuffer();
  const cut = bytes.subarray(0, bytes.indexOf('EXIF'));
  return Uint8Array.from(Buffer.concat([cut, Buffer.from('EXIF'), u32le(content.length), content]));
}

/** A JPEG with a segment after its first bytes. */
export async function jpegWith(marker: number, content: string | Buffer): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await plain.clone().jpeg().toBuffer();
  const segment = Buffer.concat([Buffer.from([0xff, marker]), u16(content.length + 2), Buffer.from(content as string)]);
  // a byte more before a marker is allowed
  const parts = [bytes.subarray(0, 2), Buffer.from([0xff]), segment, bytes.subarray(2)];
  return Uint8Array.from(Buffer.concat(parts));
}

/** An AVIF with Exif and XMP, as libheif writes it. */
export const avifWith = async (text: string, xmp: string): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(
    await plain
      .clone()
      .withExif({ IFD0: { Model: text } })
      .withXmp(xmp)
      .avif({ effort: 0 })
      .toBuffer(),
  );

export const box = (type: string, ...content: (string | Uint8Array)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string, 'latin1')));
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};

/** An MP4 that says something in `udta`. */
export const mp4With = (...udta: Buffer[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat([box('ftyp', 'isom\0\0\0\0isommp42'), box('moov', box('udta', ...udta))]));

/** An ID3 tag, and a frame of sound. */
export function mp3With(version: 2 | 3 | 4, id: string, content: Buffer): Uint8Array<ArrayBuffer> {
  const sevenBits = (value: number) => Buffer.from([0, 0, (value >> 7) & 0x7f, value & 0x7f]);
  const size = version === 4 ? sevenBits(content.length) : u32(content.length);
  const sized = version === 2 ? [size.subarray(1)] : [size, Buffer.alloc(2)];
  const frame = Buffer.concat([Buffer.from(id), ...sized, content]);
  const head = Buffer.concat([Buffer.from('ID3'), Buffer.from([version, 0, 0]), sevenBits(frame.length)]);
  return Uint8Array.from(Buffer.concat([head, frame, Buffer.from([0xff, 0xfb, 0x90, 0x64])]));
}

const element = (id: string, content: Buffer) =>
  Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([0x01]), Buffer.alloc(3), u32(content.length), content]);

/** A Matroska file with a tag, inside another. */
export function matroskaWith(name: string, text: string): Uint8Array<ArrayBuffer> {
  const texts = Buffer.concat([element('45a3', Buffer.from(name)), element('4487', Buffer.from(`${text}\0`))]);
  return matroskaTags(element('67c8', element('67c8', texts)));
}

/** A Matroska file with these tags. */
export function matroskaTags(inside: Buffer): Uint8Array<ArrayBuffer> {
  const tags = element('1254c367', element('7373', inside));
  return Uint8Array.from(Buffer.concat([element('1a45dfa3', Buffer.alloc(4)), element('18538067', tags)]));
}

/** A WebM as it is streamed: the segment and a cluster in it, before the tags, end somewhere. */
export function streamWith(name: string, text: string): Uint8Array<ArrayBuffer> {
  const endless = (id: string) => Buffer.from(`${id}01ffffffffffffff`, 'hex');
  const texts = Buffer.concat([element('45a3', Buffer.from(name)), element('4487', Buffer.from(text))]);
  const cluster = [endless('1f43b675'), element('e7', Buffer.alloc(1))];
  const tags = element('1254c367', element('7373', element('67c8', texts)));
  return Uint8Array.from(Buffer.concat([element('1a45dfa3', Buffer.alloc(4)), endless('18538067'), ...cluster, tags]));
}

/** An Ogg Vorbis: its comments share a page with what follows. */
export function vorbisWith(comment: string): Uint8Array<ArrayBuffer> {
  const sized = (text: string) => Buffer.concat([u32le(Buffer.byteLength(text)), Buffer.from(text)]);
  const first = Buffer.from(`\x01vorbis${'\0'.repeat(23)}`);
  const comments = Buffer.concat([Buffer.from('\x03vorbis'), sized('x'), u32le(1), sized(comment), Buffer.from([1])]);
  return Uint8Array.from(Buffer.concat([oggPage(0, first), oggPage(1, comments, Buffer.from('\x05vorbis'))]));
}

function oggPage(number: number, ...packets: Buffer[]): Buffer {
  const sizes = packets.map(({ length }) => Buffer.from([...Array(Math.floor(length / 255)).fill(255), length % 255]));
  const segments = Buffer.concat(sizes);
  const head = [Buffer.from('OggS\0\0'), Buffer.alloc(8), u32le(1), u32le(number), Buffer.alloc(4)];
  return Buffer.concat([...head, Buffer.from([segments.length]), segments, ...packets]);
}

const paddedTo = (multiple: number, text: string) => text.padEnd(Math.ceil(text.length / multiple) * multiple);

/** A 3D model, as SaveGLB writes it. */
export function glbWith(asset: object): Uint8Array<ArrayBuffer> {
  const json = paddedTo(4, JSON.stringify({ asset, scene: 0, accessors: [{ max: [0.1, 1e-7] }] }));
  const parts = [u32le(json.length), Buffer.from('JSON'), Buffer.from(json), u32le(4), Buffer.from('BIN\0mesh')];
  const body = Buffer.concat(parts);
  return Uint8Array.from(Buffer.concat([Buffer.from('glTF'), u32le(2), u32le(12 + body.length), body]));
}

/** A model or a latent. */
export function safetensorsWith(metadata: object): Uint8Array<ArrayBuffer> {
  const tensor = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const json = paddedTo(8, JSON.stringify({ __metadata__: metadata, tensor }));
  return Uint8Array.from(Buffer.concat([u32le(json.length), Buffer.alloc(4), Buffer.from(`${json}data`)]));
}

const attribute = (name: string, type: string, value: string) =>
  Buffer.concat([Buffer.from(`${name}\0${type}\0`), u32le(value.length), Buffer.from(value)]);

/** The head of an OpenEXR file, and a picture of four bytes; with two heads, each for a part. */
export function exrWith(...heads: [name: string, value: string][][]): Uint8Array<ArrayBuffer> {
  const isMany = heads.length > 1;
  const written = heads.map((texts) =>
    Buffer.concat([
      attribute('type', 'string', 'scanlineimage'),
      attribute('channels', 'chlist', 'abcdefgh'),
      ...texts.map(([name, value]) => attribute(name, 'string', value)),
      Buffer.alloc(1),
    ]),
  );
  const start = Buffer.from([0x76, 0x2f, 0x31, 0x01, 2, isMany ? 0x10 : 0, 0, 0]);
  return Uint8Array.from(Buffer.concat([start, ...written, Buffer.alloc(isMany ? 1 : 0), Buffer.from('mesh')]));
}
