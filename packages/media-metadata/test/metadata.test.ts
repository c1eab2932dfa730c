import { readdirSync } from 'node:fs';
import { readSaved, savedPath } from '@heurist/test-servers/recordings';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readMetadata, stripMetadata } from '../src/metadata.ts';

const read = (extension: string) => readSaved(`comfyui.${extension}`);
const saved = readdirSync(savedPath('')).filter((name) => !name.endsWith('.md'));
const says = (bytes: Uint8Array, text: string) => Buffer.from(bytes).includes(text);

describe('what a real ComfyUI saved loses its graph and nothing else', () => {
  test.each(['png', 'webp', 'webm', 'mp4', 'mp3', 'flac', 'opus'])('%s', async (extension) => {
    const before = read(extension);
    expect(says(before, 'a secret prompt')).toBe(true);
    const after = stripMetadata(before);
    expect(says(after, 'secret')).toBe(false);
    expect(says(after, 'class_type')).toBe(false);
    expect(await contentOf(after)).toEqual(await contentOf(before));
    expect(stripMetadata(after)).toEqual(after);
  });

  test('jpeg, with Exif, XMP and a comment', async () => {
    const picture = sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } });
    const jpeg = await picture
      .withExif({ IFD0: { ImageDescription: 'a secret prompt' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">a secret prompt</x:xmpmeta>')
      .jpeg()
      .toBuffer();
    const comment = Buffer.from('a secret prompt');
    const before = Uint8Array.from(
      Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment, jpeg.subarray(2)]),
    );
    const after = stripMetadata(before);
    expect(says(after, 'secret')).toBe(false);
    expect(await contentOf(after)).toEqual(await contentOf(before));
  });
});

test('a long graph, over several pages of an Ogg file, is gone too', async () => {
  const { pages } = longOgg('a secret prompt '.repeat(9000));
  const after = stripMetadata(pages);
  expect(after.length).toBe(pages.length);
  expect(says(after, 'secret')).toBe(false);
});

describe('the graph of a file is read, and nothing that is read stays', () => {
  test.each(saved)('%s', async (name) => {
    const before = readSaved(name);
    const names = (await readMetadata(before))?.entries.map((entry) => entry.name.toLowerCase());
    expect(names).toContain(name === 'only-workflow.png' ? 'workflow' : 'prompt');
    const after = stripMetadata(before);
    expect((await readMetadata(after))?.entries).toEqual([]);
    expect(says(after, 'class_type')).toBe(false);
  });
});

describe('a file that is cut is read without a throw, and comes back no longer than it was', () => {
  test.each(saved)('%s', async (name) => {
    const whole = readSaved(name);
    for (let length = 0; length < whole.length; length += 13) {
      const cut = whole.slice(0, length);
      await readMetadata(cut);
      const after = stripMetadata(cut);
      expect(after.length).toBeLessThanOrEqual(length);
      expect((await readMetadata(after))?.entries ?? []).toEqual([]);
    }
  });
});

test('other files are left alone', () => {
  const text = new TextEncoder().encode('just text, tEXt');
  expect(stripMetadata(text)).toBe(text);
});

async function contentOf(bytes: Uint8Array) {
  if (/^\x89PNG|^RIFF|^\xff\xd8/.test(Buffer.from(bytes.subarray(0, 4)).toString('latin1')))
    return await sharp(bytes, { pages: -1, failOn: 'warning' }).raw().toBuffer();
  using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const track = (await input.getPrimaryVideoTrack()) ?? (await input.getPrimaryAudioTrack());
  if (!track) throw new Error('There is nothing to see or hear.');
  const packets = [];
  for await (const { data, timestamp } of new EncodedPacketSink(track).packets()) packets.push([timestamp, data]);
  expect(packets.length).toBeGreaterThan(2);
  return packets;
}

/** The comment packet of the fixture with another comment, laid over as many pages as it needs. */
function longOgg(comment: string) {
  const head = Buffer.from('OpusTags\x04\0\0\0test\x01\0\0\0', 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(comment.length);
  const packet = Buffer.concat([head, length, Buffer.from(comment)]);
  const pages: Buffer[] = [];
  for (let at = 0; at < packet.length; at += 255 * 255) {
    const part = packet.subarray(at, at + 255 * 255);
    const lacing = [
      ...Array(Math.floor(part.length / 255)).fill(255),
      ...(part.length % 255 ? [part.length % 255] : []),
    ];
    const header = Buffer.alloc(27);
    header.write('OggS');
    header[26] = lacing.length;
    pages.push(header, Buffer.from(lacing), part);
  }
  return { pages: Uint8Array.from(Buffer.concat(pages)) };
}
