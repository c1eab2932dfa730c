import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolderStore, createSyncedStore } from './folder-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'folder-store-'));
const store = createFolderStore(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const streamOf = (...chunks: string[]) => ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1')));
const read = async (artifact_id: string) => await new Response(await store.read(artifact_id)).text();

/** Writes a file with an id of its own, and returns what is in the folder of that id afterwards. */
async function write(chunks: string[], expected: { bytes: number; content_type?: string; sha256?: string }) {
  const artifact_id = crypto.randomUUID();
  const at = join(folder, artifact_id.slice(0, 2));
  const arrival = await store
    .write(artifact_id, streamOf(...chunks), { content_type: 'text/plain', ...expected })
    .catch((error: Error) => error);
  return { artifact_id, arrival, left: readdirSync(at).filter((name) => name.startsWith(artifact_id)) };
}

test('a file is stored whole, in a folder of the first two digits of its id, and measured', async () => {
  const { artifact_id, arrival, left } = await write(['he', 'llo'], { bytes: 5, sha256: sha256('hello') });
  expect(arrival).toEqual({ sha256: sha256('hello') });
  expect(left).toEqual([artifact_id]);
  expect(await read(artifact_id)).toBe('hello');
  await store.delete(artifact_id);
  expect(existsSync(join(folder, artifact_id.slice(0, 2), artifact_id))).toBe(false);
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
  const { arrival, left } = await write(chunks, expected);
  expect(arrival).toMatchObject({ code: 'invalid_request', message });
  expect(left).toEqual([]);
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
  expect(readdirSync(join(folder, artifact_id.slice(0, 2))).filter((name) => name.startsWith(artifact_id))).toEqual([]);
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

test.each(['image/svg+xml', 'image/pngs', 'x-image/png', 'text/html'])('%s is taken as it is', async (content_type) => {
  const { arrival } = await write(['text'], { bytes: 4, content_type });
  expect(arrival).toHaveProperty('sha256');
});

test('a file that is gone is not found', async () => {
  await expect(store.read(crypto.randomUUID())).rejects.toMatchObject({
    code: 'not_found',
    message: 'This file is no longer in the storage of the network.',
  });
});

test('a folder that cannot be written says so, and a file for it is refused without a path of this machine', async () => {
  await store.check?.();
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const broken = createFolderStore(file);
  await expect(broken.check?.()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /^Files cannot be stored in .*\(.*\)\. Check that it can be written and that its disk/,
    ),
  });
  const expected = { bytes: 3, content_type: 'text/plain' };
  await expect(broken.write(crypto.randomUUID(), streamOf('one'), expected)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^The file cannot be stored \(E[A-Z]+\)\. Try again later/),
  });
});

test('the bytes are on the disk before the name, and both before the answer', async () => {
  const here = mkdtempSync(join(tmpdir(), 'synced-'));
  const artifact_id = crypto.randomUUID();
  const at = join(here, artifact_id.slice(0, 2));
  const steps: string[][] = [];
  const synced = createSyncedStore(here, async (path) => {
    steps.push([
      path.replace(/\.[\w-]*\.part$/, '.part'),
      ...readdirSync(at).map((name) => (name.endsWith('.part') ? 'part' : 'whole')),
    ]);
  });
  await synced.write(artifact_id, streamOf('one'), { bytes: 3, content_type: 'text/plain' });
  steps.push(['answer']);
  expect(steps).toEqual([[`${join(at, artifact_id)}.part`, 'part'], [at, 'whole'], [here, 'whole'], ['answer']]);
  rmSync(here, { recursive: true });
});

test('the name of a folder is on the disk before any answer, whoever made the folder', async () => {
  const here = join(mkdtempSync(join(tmpdir(), 'folder-store-')), 'deep', 'files');
  const synced: string[] = [];
  const slow = Promise.withResolvers<void>();
  const store = createSyncedStore(here, async (path) => {
    synced.push(path);
    if (path === here && synced.filter((each) => each === here).length === 1) await slow.promise;
  });
  await store.check?.();
  expect(synced).toEqual([join(here, '..'), join(here, '../..')]);
  const answers: string[] = [];
  const write = async (name: string) => {
    const artifact_id = crypto.randomUUID().replace(/^../, 'ab');
    await store.write(artifact_id, streamOf('one'), { bytes: 3, content_type: 'text/plain' });
    answers.push(name);
  };
  const first = write('first');
  await expect.poll(() => synced.includes(here)).toBe(true);
  await write('second');
  // it did not take the first one's word for it
  expect([answers, synced.filter((each) => each === here)]).toEqual([['second'], [here, here]]);
  slow.resolve();
  await first;
  await write('third');
  expect(synced.filter((each) => each === here)).toHaveLength(2);
  rmSync(join(here, '../..'), { recursive: true });
});
