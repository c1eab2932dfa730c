import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testOwnStore } from '../../test/support/own-store.ts';
import { createFolderStore, createSyncedStore } from './folder-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'folder-store-'));
const store = createFolderStore(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const streamOf = (text: string) => ReadableStream.from([Buffer.from(text)]);

testOwnStore(store);

test('a file is in a folder of the first two digits of its id, and of what was refused nothing is left', async () => {
  const expected = { bytes: 3, content_type: 'text/plain' };
  const artifact_id = crypto.randomUUID();
  const left = () => readdirSync(join(folder, artifact_id.slice(0, 2))).filter((name) => name.startsWith(artifact_id));
  await expect(store.write(artifact_id, streamOf('threes'), expected)).rejects.toThrow();
  expect(left()).toEqual([]);
  await store.write(artifact_id, streamOf('one'), expected);
  expect(left()).toEqual([artifact_id]);
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
