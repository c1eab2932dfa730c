import { crc32, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';

/** Files that a stranger could send, by name. Each is small, and wants to be more than it seems. */
export async function hostileFiles(): Promise<Record<string, Buffer>> {
  const red = { width: 16, height: 16, channels: 3, background: 'red' } as const;
  const png = await sharp({ create: red }).png().toBuffer();
  const jpeg = await sharp({ create: { ...red, width: 400, height: 400, noise: noise() } })
    .jpeg()
    .toBuffer();
  const frames = sharp({ create: { ...red, height: 48, noise: noise() } }).raw();
  const strip = await frames.toBuffer({ resolveWithObject: true });
  const raw = { width: 16, height: 48, channels: strip.info.channels, pageHeight: 16 } as const;
  const webp = await sharp(strip.data, { raw, animated: true }).webp({ lossless: true }).toBuffer();
  const gif = await sharp(strip.data, { raw, animated: true }).gif().toBuffer();
  const text = (content: string) => Buffer.from(content);
  return {
    empty: Buffer.alloc(0),
    'text.png': text('just text'),
    'page.html': text('<!doctype html><script>alert(1)</script>'),
    'picture.svg': text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    'entities.xml': text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'),
    'paper.pdf': text('%PDF-1.7\n'),
    'archive.zip': text('PK\x03\x04'),
    program: text('\x7fELF'),
    'model.pickle': text('\x80\x04cos\nsystem\n'),
    'old.bmp': Buffer.concat([text('BM'), Buffer.alloc(60)]),
    'old.tiff': Buffer.concat([text('II*\0'), Buffer.alloc(60)]),
    'packed.gz': gzipSync(Buffer.alloc(10_000_000)),
    'header-only.png': png.subarray(0, 8),
    'truncated.png': png.subarray(0, png.length - 30),
    'bad-checksum.png': flipped(png, png.length - 25),
    'no-pixels.png': Buffer.concat([png.subarray(0, 33), pngChunk('IEND', Buffer.alloc(0))]),
    // 268 megapixels in 33 kB
    'bomb.png': pngOf(16_384, 16_384),
    'claims-much.png': pngClaiming(png, 100_000, 100_000),
    'no-width.png': pngClaiming(png, 0, 16),
    'bomb-in-frames.png': Buffer.concat([
      png.subarray(0, 33),
      pngChunk('acTL', Buffer.from('000f424000000000', 'hex')),
      png.subarray(33),
    ]),
    'truncated.jpeg': jpeg.subarray(0, jpeg.length / 2),
    'claims-much.jpeg': jpegClaiming(jpeg, 65_500),
    'bomb-in-frames.webp': webpClaiming(webp, 16_000),
    'truncated.webp': webp.subarray(0, 60),
    'bomb-in-frames.gif': gifClaiming(gif, 60_000),
    'truncated.gif': gif.subarray(0, 40),
    'nothing.mp4': Buffer.concat([Buffer.from('0000001866747970', 'hex'), text('isom\0\0\0\0isommp42')]),
    'nothing.webm': Buffer.from('1a45dfa3804286810142f7810142f2810442f381084282847765626d', 'hex'),
    'nothing.wav': text('RIFF\x04\0\0\0WAVE'),
    'long.wav': wavClaiming(8, 1, 400_000),
    'crowd.wav': wavClaiming(8000, 200, 800),
  };
}

const noise = () => ({ type: 'gaussian', mean: 128, sigma: 30 }) as const;

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

const pngHeader = (width: number, height: number) => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width);
  data.writeUInt32BE(height, 4);
  data[8] = 1;
  return data;
};

/** A black PNG with one bit a pixel. */
function pngOf(width: number, height: number): Buffer {
  const pixels = deflateSync(Buffer.alloc((1 + width / 8) * height));
  const chunks = [
    pngChunk('IHDR', pngHeader(width, height)),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

function pngClaiming(png: Buffer, width: number, height: number): Buffer {
  return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', pngHeader(width, height)), png.subarray(33)]);
}

function jpegClaiming(jpeg: Buffer, side: number): Buffer {
  const claiming = Buffer.from(jpeg);
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  claiming.writeUInt16BE(side, frame + 5);
  claiming.writeUInt16BE(side, frame + 7);
  return claiming;
}

function webpClaiming(webp: Buffer, side: number): Buffer {
  const claiming = Buffer.from(webp);
  claiming.writeUIntLE(side - 1, 24, 3);
  claiming.writeUIntLE(side - 1, 27, 3);
  return claiming;
}

function gifClaiming(gif: Buffer, side: number): Buffer {
  const claiming = Buffer.from(gif);
  claiming.writeUInt16LE(side, 6);
  claiming.writeUInt16LE(side, 8);
  return claiming;
}

function wavClaiming(rate: number, channels: number, bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * channels, 28);
  head.writeUInt16LE(channels, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}
