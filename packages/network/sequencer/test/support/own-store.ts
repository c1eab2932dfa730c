import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OwnStore } from '../../src/files/artifact-store.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const streamOf = (...chunks: string[]) => ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1')));

/** What every store promises whose files pass through the sequencer. */
export function testOwnStore(store: OwnStore): void {
  const read = async (artifact_id: string) => await new Response(await store.read(artifact_id)).text();

  /** Writes a file with an id of its own. */
  async function write(chunks: string[], expected: { bytes: number; content_type?: string; sha256?: string }) {
    const artifact_id = crypto.randomUUID();
    const arrival = await store
      .write(artifact_id, streamOf(...chunks), { content_type: 'text/plain', ...expected })
      .catch((error: Error) => error);
    return { artifact_id, arrival };
  }

  test('a file is stored whole and measured, until it is deleted', async () => {
    const { artifact_id, arrival } = await write(['he', 'llo'], { bytes: 5, sha256: sha256('hello') });
    expect(arrival).toEqual({ sha256: sha256('hello') });
    expect([await read(artifact_id), await store.sizeOf(artifact_id)]).toEqual(['hello', 5]);
    await store.delete(artifact_id);
    expect(await store.sizeOf(artifact_id)).toBeUndefined();
    await store.delete(artifact_id);
  });

  test('an empty file is a file', async () => {
    const { artifact_id } = await write([], { bytes: 0 });
    expect(await read(artifact_id)).toBe('');
  });

  test('a second write replaces the first, if it is as declared', async () => {
    const { artifact_id } = await write(['one'], { bytes: 3 });
    const expected = { bytes: 3, content_type: 'text/plain' };
    await store.write(artifact_id, streamOf('two'), expected);
    expect(await read(artifact_id)).toBe('two');
    await expect(store.write(artifact_id, streamOf('threes'), expected)).rejects.toThrow();
    expect(await read(artifact_id)).toBe('two');
  });

  test.each([
    ['too long', ['four', 's'], { bytes: 4 }, 'The file is longer than its declared 4 bytes. Declare its real size.'],
    ['too short', ['four'], { bytes: 5 }, 'The file has 4 bytes, but was declared with 5. Send it again.'],
    [
      'another content',
      ['four'],
      { bytes: 4, sha256: sha256('five') },
      'The SHA-256 of the file is not the declared one. Send it again.',
    ],
    [
      'another kind of picture',
      ['\x89PNG\r\n\x1a\n'],
      { bytes: 8, content_type: 'image/jpeg' },
      'The file was declared as image/jpeg, but its content is image/png. Declare its real media type.',
    ],
    [
      'no picture',
      ['<script>'],
      { bytes: 8, content_type: 'image/png' },
      'The file was declared as image/png, but its content is not. Declare its real media type.',
    ],
  ])('%s: refused, and nothing is left', async (_, chunks, expected, message) => {
    const { artifact_id, arrival } = await write(chunks, expected);
    expect(arrival).toMatchObject({ code: 'invalid_request', message });
    expect(await store.sizeOf(artifact_id)).toBeUndefined();
  });

  test('a sender that breaks off leaves nothing', async () => {
    const artifact_id = crypto.randomUUID();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.from('part'));
        controller.error(new Error('connection reset'));
      },
    });
    await expect(store.write(artifact_id, body, { bytes: 8, content_type: 'text/plain' })).rejects.toThrow(
      'connection reset',
    );
    expect(await store.sizeOf(artifact_id)).toBeUndefined();
  });

  test('a picture is recognized however its bytes are cut', async () => {
    const png = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0';
    const { arrival } = await write([...png], { bytes: png.length, content_type: 'image/png' });
    expect(arrival).toHaveProperty('sha256');
  });

  test.each([
    'image/png',
    'image/jpeg',
    'image/gif',
    'image/webp',
    'image/avif',
    'IMAGE/PNG',
    'image/png; x=y',
    'video/mp4',
    'video/x-page',
    'audio/wav',
  ])('%s must be one', async (content_type) => {
    const { arrival } = await write(['text'], { bytes: 4, content_type });
    expect(arrival).toMatchObject({ code: 'invalid_request' });
  });

  test.each([
    ['image/avif', '\0\0\0\x20ftypavif'],
    ['video/mp4', '\0\0\0\x20ftypisom'],
    ['audio/mp4', '\0\0\0\x20ftypM4A '],
    ['audio/opus', 'OggS'],
    ['image/jpeg; q=1', '\xff\xd8\xff'],
  ])('%s by its content', async (content_type, text) => {
    const { arrival } = await write([text], { bytes: text.length, content_type });
    expect(arrival).toHaveProperty('sha256');
  });

  test('a film is no picture, and a picture no film', async () => {
    for (const [content_type, text] of [
      ['image/avif', '\0\0\0\x20ftypisom'],
      ['video/mp4', '\0\0\0\x20ftypavif'],
    ] as const)
      expect((await write([text], { bytes: text.length, content_type })).arrival).toMatchObject({
        code: 'invalid_request',
      });
  });

  test.each(['image/svg+xml', 'image/pngs', 'x-image/png', 'text/html'])(
    '%s is taken as it is',
    async (content_type) => {
      const { arrival } = await write(['text'], { bytes: 4, content_type });
      expect(arrival).toHaveProperty('sha256');
    },
  );

  test('a file that is gone is not found', async () => {
    await expect(store.read(crypto.randomUUID())).rejects.toMatchObject({
      code: 'not_found',
      message: 'This file is no longer in the storage of the network.',
    });
  });
}
