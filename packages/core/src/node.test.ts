import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Script, startStub } from '../test/stub-sequencer.ts';
import { saveOutput } from './node.ts';

const picture = 'a picture';
const sha256 = createHash('sha256').update(picture).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-save-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Saves what a server answers, over what was there before. */
async function save(answer: Script[string], output: object = {}, options: Parameters<typeof saveOutput>[2] = {}) {
  await using stub = await startStub({ 'out.png': answer });
  const path = join(folder, 'out.png');
  const result = await saveOutput({ url: `${stub.url}/out.png`, ...output }, path, options).catch(
    (error: unknown) => error as Error & { code: string },
  );
  return { result, path, calls: stub.calls.length };
}
const files = () => readdirSync(folder);
const content = () => readFileSync(join(folder, 'out.png'), 'utf8');

describe('an output that arrives', () => {
  test.each([{ sha256 }, { sha256: '' }, {}])('is saved: %j', async (output) => {
    const { result, path } = await save(() => ({ text: picture }), output);
    expect(result).toBe(path);
    expect([content(), files()]).toEqual([picture, ['out.png']]);
  });

  test.each([{ bytes: 5 }, { size: 5 }])('is compared with the size that is known: %j', async (output) => {
    const { result } = await save(() => ({ text: picture }), output);
    expect(result).toMatchObject({ code: 'invalid_reply' });
  });

  test('replaces the file that was there', async () => {
    writeFileSync(join(folder, 'out.png'), 'old');
    await save(() => ({ text: picture }), { sha256 });
    expect([content(), files()]).toEqual([picture, ['out.png']]);
  });

  test('gets the folders that are missing', async () => {
    await using stub = await startStub({ a: () => ({ text: picture }) });
    const path = join(folder, 'new/folder/out.png');
    expect(await saveOutput({ url: `${stub.url}/a` }, path)).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(picture);
  });

  test('twice at the same time is saved twice', async () => {
    await using stub = await startStub({ a: () => ({ text: picture }) });
    const path = join(folder, 'out.png');
    const saves = Array.from({ length: 10 }, () => saveOutput({ url: `${stub.url}/a`, sha256 }, path));
    await Promise.all(saves);
    expect([content(), files()]).toEqual([picture, ['out.png']]);
  });

  test('may be late once', async () => {
    const { result, path, calls } = await save(
      (_, count) => (count === 1 ? 'hang' : { text: picture }),
      {},
      { timeout: 300 },
    );
    expect([result, calls]).toEqual([path, 2]);
  });
});

describe.each([
  ['a new file', undefined],
  ['a file that was there', 'old'],
])('an output that does not arrive leaves the disk as it was: %s', (_, before) => {
  beforeEach(() => {
    if (before) writeFileSync(join(folder, 'out.png'), before);
  });
  const expectUntouched = () => {
    expect(files()).toEqual(before ? ['out.png'] : []);
    if (before) expect(content()).toBe(before);
  };

  test('damaged', async () => {
    const { result } = await save(() => ({ text: 'another picture' }), { sha256, filename: 'cat.png' });
    expect(result).toMatchObject({
      code: 'invalid_reply',
      isRetryable: true,
      message: 'The output cat.png arrived damaged. Download it again.',
    });
    expectUntouched();
  });

  test('cut off', async () => {
    const { result } = await save(() => ({ text: picture, headers: { 'content-length': '1000' }, isCut: true }));
    expect(result).toMatchObject({ code: 'connection_failed', isRetryable: true });
    expectUntouched();
  });

  test('refused', async () => {
    const { result, calls } = await save(() => ({ status: 403, text: '' }));
    expect(result).toMatchObject({
      code: 'connection_failed',
      isRetryable: true,
      status: 403,
      message: 'The output cannot be downloaded (status 403). Its URL may have expired: query the task for a new one.',
    });
    expect(calls).toBe(1);
    expectUntouched();
  });

  test('aborted', async () => {
    const { result } = await save(() => 'hang', {}, { signal: AbortSignal.timeout(100) });
    expect(result).toMatchObject({ name: 'AbortError', code: 'aborted', cause: { name: 'TimeoutError' } });
    expectUntouched();
  });
});

test('a file that cannot be put in place leaves nothing behind', async () => {
  mkdirSync(join(folder, 'out.png'));
  const { result } = await save(() => ({ text: picture }));
  expect(result).toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(/^".*out\.png" cannot be written \((EISDIR|ENOTEMPTY|EEXIST)\)\. Check the path/),
    cause: { code: expect.any(String) },
  });
  expect(files()).toEqual(['out.png']);
});

test.skipIf(process.platform !== 'linux')('where no folder can be made, it ends at once', async () => {
  await using stub = await startStub({ a: () => ({ text: picture }) });
  await expect(saveOutput({ url: `${stub.url}/a` }, '/proc/none/deeper/out.png')).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('cannot be written (ENOENT)'),
  });
});

test('without a name, messages have the path', async () => {
  const { result, path } = await save(() => ({ text: 'x' }), { sha256 });
  expect((result as Error).message).toBe(`The output ${path} arrived damaged. Download it again.`);
});
