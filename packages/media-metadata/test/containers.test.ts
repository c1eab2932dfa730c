// What is left of a file is a whole file by the rules of its own format.
import { readSaved } from '@heurist/test-servers/recordings';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readMetadata, stripMetadata } from '../src/metadata.ts';

const read = (extension: string) => readSaved(`comfyui.${extension}`);

describe('WebP', () => {
  const red = sharp({ create: { width: 9, height: 7, channels: 4, background: '#f008' } });

  test('the header says no more that there is Exif or XMP, and all else that it said', async () => {
    const bytes = Uint8Array.from(
      await red
        .withExif({ IFD0: { ImageDescription: 'a secret prompt' } })
        .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">a secret prompt</x:xmpmeta>')
        .webp({ lossless: true })
        .toBuffer(),
    );
    const flags = bytes[20]!;
    expect(flags & 0b1100).toBe(0b1100);
    const after = stripMetadata(bytes);
    expect(after[20]).toBe(flags & ~0b1100);
    expect(Buffer.from(after).readUInt32LE(4)).toBe(after.length - 8);
    expect(Buffer.from(after).includes('secret')).toBe(false);
  });

  test('the pixels of a simple file are not taken for such a header', async () => {
    const opaque = sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } });
    const bytes = Uint8Array.from(await opaque.webp({ lossless: true }).toBuffer());
    expect(Buffer.from(bytes).toString('latin1', 12, 16)).not.toBe('VP8X');
    bytes[20] = 0xff;
    expect(stripMetadata(bytes)[20]).toBe(0xff);
  });
});

describe('Ogg', () => {
  /** RFC 3533, section 6: CRC-32 of the whole page with a checksum of 0, by the polynomial 0x04c11db7. */
  function checksum(page: Buffer): number {
    let sum = 0n;
    for (const [index, byte] of page.entries()) {
      sum ^= BigInt(index >= 22 && index < 26 ? 0 : byte) << 24n;
      for (let bit = 0; bit < 8; bit++) sum = ((sum << 1n) ^ (sum >> 31n ? 0x04c11db7n : 0n)) & 0xffffffffn;
    }
    return Number(sum);
  }

  /** The pages of a file. */
  function pagesOf(bytes: Uint8Array): Buffer[] {
    const pages: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const segments = bytes.subarray(start + 27, start + 27 + bytes[start + 26]!);
      const end = start + 27 + segments.length + segments.reduce((sum, length) => sum + length, 0);
      pages.push(Buffer.from(bytes.subarray(start, end)));
      start = end;
    }
    return pages;
  }

  test('every page has its right checksum, and only the one of the comments has changed', () => {
    const before = pagesOf(read('opus'));
    const after = pagesOf(stripMetadata(read('opus')));
    for (const page of [...before, ...after]) expect(page.readUInt32LE(22)).toBe(checksum(page));
    const changed = after.flatMap((page, index) => (page.equals(before[index]!) ? [] : [index]));
    expect(changed).toEqual([1]);
    const packet = after[1]!.subarray(27 + after[1]![26]!);
    const vendor = packet.readUInt32LE(8);
    expect([packet.toString('latin1', 0, 8), packet.readUInt32LE(12 + vendor)]).toEqual(['OpusTags', 0]);
    expect(packet.subarray(16 + vendor).every((byte) => byte === 0)).toBe(true);
  });

  const page = (stream: number, packet: Buffer) => {
    const head = Buffer.alloc(27);
    head.write('OggS');
    head.writeUInt32LE(stream, 14);
    const lacing = [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
    head[26] = lacing.length;
    const whole = Buffer.concat([head, Buffer.from(lacing), packet]);
    whole.writeUInt32LE(checksum(whole), 22);
    return whole;
  };
  const comments = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([Buffer.from('\x04\0\0\0test\x01\0\0\0', 'latin1'), length, Buffer.from(text)]);
  };
  const joined = (...pages: Buffer[]) => Uint8Array.from(Buffer.concat(pages));

  test('FLAC in it: its second packet', () => {
    const first = page(7, Buffer.from(`\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22${'i'.repeat(34)}`, 'latin1'));
    const content = comments(`prompt={"1":"a secret prompt ${'x'.repeat(900)}"}`);
    const block = Buffer.concat([Buffer.from([0x84, 0, content.length >> 8, content.length & 0xff]), content]);
    const before = joined(first, page(7, block), page(7, Buffer.from('sound')));
    expect(readMetadata(before)?.entries).toEqual([
      { name: 'prompt', text: expect.stringContaining('a secret prompt') },
    ]);
    const after = stripMetadata(before);
    expect(Buffer.from(after).includes('secret')).toBe(false);
    expect(readMetadata(after)?.entries).toEqual([]);
    for (const one of pagesOf(after)) expect(one.readUInt32LE(22)).toBe(checksum(one));
    // the block keeps its kind and length, and the sound its place
    expect(pagesOf(after)[1]!.subarray(-block.length).subarray(0, 4)).toEqual(block.subarray(0, 4));
    expect([pagesOf(after)[0], pagesOf(after)[2]]).toEqual([pagesOf(before)[0], pagesOf(before)[2]]);
  });

  test('two streams, one page of each in turn, and one behind them', () => {
    const packet = (name: string, text: string) => Buffer.concat([Buffer.from(name, 'latin1'), comments(text)]);
    const before = joined(
      page(1, Buffer.from('\x80theora')),
      page(2, Buffer.from('\x01vorbis')),
      page(1, packet('\x81theora', 'prompt=a secret film')),
      page(2, packet('\x03vorbis', 'prompt=a secret song')),
      page(3, packet('OpusTags', 'prompt=a secret word')),
    );
    const said = readMetadata(before)?.entries.map(({ text }) => text);
    expect(said).toEqual(['a secret film', 'a secret song', 'a secret word']);
    expect(Buffer.from(stripMetadata(before)).includes('secret')).toBe(false);
  });
});

describe('FLAC', () => {
  test('the comments are padding of the same length, and the last block is still the last', () => {
    const [before, after] = [read('flac'), stripMetadata(read('flac'))];
    expect(after.length).toBe(before.length);
    const types = (bytes: Uint8Array) => {
      const found: [type: number, isLast: boolean, length: number][] = [];
      for (let start = 4, isLast = false; !isLast; ) {
        const head = Buffer.from(bytes).readUInt32BE(start);
        isLast = head >>> 31 === 1;
        found.push([(head >>> 24) & 0x7f, isLast, head & 0xffffff]);
        start += 4 + (head & 0xffffff);
      }
      return found;
    };
    expect(types(after)).toEqual(types(before).map(([type, ...rest]) => [type === 4 ? 1 : type, ...rest]));
  });
});

describe('FLAC behind an ID3 tag', () => {
  test('both are read and emptied; the sound is as it was', () => {
    const tagged = (bytes: Uint8Array) => Uint8Array.from(Buffer.concat([tag, bytes]));
    const text = Buffer.from('\0prompt\0a secret tag', 'latin1');
    const frame = Buffer.concat([Buffer.from('TXXX'), Buffer.from([0, 0, 0, text.length, 0, 0]), text]);
    const tag = Buffer.concat([Buffer.from([...Buffer.from('ID3'), 3, 0, 0, 0, 0, 0, frame.length]), frame]);
    const before = tagged(read('flac'));
    const own = readMetadata(read('flac'))!.entries;
    expect(readMetadata(before)?.entries).toEqual([{ name: 'prompt', text: 'a secret tag' }, ...own]);
    expect(stripMetadata(before)).toEqual(stripMetadata(read('flac')));
  });
});

describe('MP4', () => {
  const box = (type: string, ...content: Buffer[]) => {
    const body = Buffer.concat(content);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };
  const ftyp = box('ftyp', Buffer.from('isom\0\0\0\0isommp42'));
  const secret = Buffer.from('a secret prompt');
  const strip = (...boxes: Buffer[]) => Buffer.from(stripMetadata(Uint8Array.from(Buffer.concat([ftyp, ...boxes]))));

  test('texts become free space, at any depth; nothing moves', () => {
    const moov = box('moov', box('udta', secret), box('trak', box('meta', secret), box('mdia', secret)));
    const after = strip(moov, box('mdat', secret));
    const empty = Buffer.alloc(secret.length);
    const expected = box('moov', box('free', empty), box('trak', box('free', empty), box('mdia', secret)));
    expect(after).toEqual(Buffer.concat([ftyp, expected, box('mdat', secret)]));
  });

  test('a box with a long size, and one that goes up to the end', () => {
    const long = Buffer.concat([Buffer.from('000000016d657461', 'hex'), Buffer.alloc(8), secret]);
    long.writeBigUInt64BE(BigInt(long.length), 8);
    const open = Buffer.concat([Buffer.from('0000000075647461', 'hex'), secret]);
    const after = strip(long, open);
    expect(after.includes('secret')).toBe(false);
    expect(after.subarray(ftyp.length, ftyp.length + 16).toString('latin1')).toContain('free');
    expect(after.length).toBe(ftyp.length + long.length + open.length);
  });

  test('a size smaller than its own head ends it', () => {
    const broken = Buffer.from('0000000475647461', 'hex');
    expect(strip(broken, box('udta', secret)).includes('secret')).toBe(true);
  });
});

describe('Matroska', () => {
  const head = Buffer.from('1a45dfa3804286810142f7810142f2810442f381084282847765626d', 'hex');
  head[4] = 0x80 | (head.length - 5);
  const element = (id: string, size: string, content: string) =>
    Buffer.concat([Buffer.from(id + size, 'hex'), Buffer.from(content)]);
  const tags = (content: string, size = (0x80 | content.length).toString(16)) => element('1254c367', size, content);
  const strip = (...parts: Buffer[]) => Buffer.from(stripMetadata(Uint8Array.from(Buffer.concat([head, ...parts]))));

  test('tags become a void element of the same length', () => {
    const file = tags('secret words');
    const after = strip(file, tags('x'.repeat(4))).subarray(head.length);
    expect(after.length).toBe(file.length + 9);
    expect(after[0]).toBe(0xec);
    expect(after.subarray(1, 9).toString('hex')).toBe(`01${(file.length - 9).toString(16).padStart(14, '0')}`);
    expect(after.subarray(9, file.length).every((byte) => byte === 0)).toBe(true);
    // exactly as long as the smallest void element
    expect(after.subarray(file.length).toString('hex')).toBe('ec0100000000000000');
  });

  test('inside a segment, also one of unknown size', () => {
    const known = element('18538067', '91', '');
    const unknown = element('18538067', '01ffffffffffffff', '');
    for (const segment of [known, unknown])
      expect(strip(Buffer.concat([segment, tags('secret words')])).includes('secret')).toBe(false);
  });

  test('elements that are none of these stay', () => {
    const other = element('1254c368', '8c', 'secret words');
    expect(strip(other).includes('secret')).toBe(true);
  });
});

describe('PNG', () => {
  test('only chunks of text and Exif go', () => {
    const types = (bytes: Uint8Array) => {
      const found: string[] = [];
      for (let start = 8; start < bytes.length; start += 12 + Buffer.from(bytes).readUInt32BE(start))
        found.push(Buffer.from(bytes).toString('latin1', start + 4, start + 8));
      return found;
    };
    const [before, after] = [types(read('png')), types(stripMetadata(read('png')))];
    expect(before).toContain('tEXt');
    expect(after).toEqual(before.filter((type) => type !== 'tEXt'));
  });
});

describe('MP3', () => {
  test('begins with its first frame, also behind a tag with a footer', () => {
    const plain = stripMetadata(read('mp3'));
    expect(plain[0]).toBe(0xff);
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\x10\0\0\x01\x02', 'latin1'), Buffer.alloc(130 + 10)]);
    expect(stripMetadata(Uint8Array.from(Buffer.concat([tag, plain])))).toEqual(plain);
  });
});
