import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ComfyFolder, type RunFiles } from './comfy-folder.ts';

const MARK = 'task-1-0123abcd';
let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'comfyui-')), 'ComfyUI');
  for (const name of ['input', 'output', 'temp']) mkdirSync(join(root, name), { recursive: true });
});
afterEach(() => rmSync(dirname(root), { recursive: true, force: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'x');
  }
}
const left = () =>
  readdirSync(dirname(root), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .toSorted();
const remove = (files: Partial<RunFiles>) =>
  new ComfyFolder(root).remove({
    inputs: [],
    outputs: [],
    mark: MARK,
    folders: [],
    startedAt: Date.now(),
    ...files,
  });
const output = (filename: string, subfolder = '', type = 'output') => ({ filename, subfolder, type });

test('the files of a run are removed, and those of others stay', async () => {
  put('input/heurist-1.png', 'input/sub/heurist-2.png', 'input/heurist-3.png', 'input/mine.png');
  put(`output/sd/t2i-${MARK}_00001_.png`, 'output/sd/t2i-other_00001_.png', 'output/named.png', 'temp/preview.png');
  const outputs = [output(`t2i-${MARK}_00001_.png`, 'sd'), output('named.png'), output('preview.png', '', 'temp')];
  expect(await remove({ inputs: ['heurist-1.png', 'sub/heurist-2.png'], outputs })).toBe(5);
  expect(left()).toEqual(['input/heurist-3.png', 'input/mine.png', 'output/sd/t2i-other_00001_.png']);
});

test('what a node saved beside its outputs, or before it was interrupted, is known by its mark', async () => {
  put(
    `output/video/x-${MARK}_00001.mp4`,
    `output/video/x-${MARK}_00001.png`,
    `output/y-${MARK}.png`,
    'output/video/z.mp4',
  );
  await remove({ folders: ['video'] });
  expect(left()).toEqual(['output/video/z.mp4']);
});

describe('nothing else is touched', () => {
  const secret = '../../secret.txt';
  beforeEach(() => put('../secret.txt', 'input/mine.png', 'output/old.png', 'models/model.safetensors'));

  test.each([
    [
      'a name that leads out',
      { outputs: [output('../../secret.txt'), output('secret.txt', '../..'), output('a/../../../secret.txt')] },
    ],
    ['a path from the root', { outputs: [output(join(tmpdir(), 'x')), output('passwd', '/etc')] }],
    ['another folder', { outputs: [output('model.safetensors', '', 'models'), output('mine.png', '', 'input')] }],
    ['an input by another name', { inputs: ['mine.png', secret, '../heurist-../mine.png', 'heurist-/../mine.png'] }],
    ['a folder', { outputs: [output(''), output('.'), output('..'), output('sub')] }],
    [
      'a name that no file can have',
      { outputs: [output('a\0b'), output('x'.repeat(5000))], folders: ['a\0b', '../..'] },
    ],
    ['what is not there', { inputs: ['heurist-9.png'], outputs: [output('gone.png'), output('x.png', 'no/folder')] }],
    ['a mark that says nothing', { mark: '.', folders: ['', '../models'] }],
  ])('%s', async (_, files: Partial<RunFiles>) => {
    mkdirSync(join(root, 'output/sub'));
    const before = left();
    expect(await remove(files)).toBe(0);
    expect(left()).toEqual(before);
  });

  test('a file that is older than the run', async () => {
    const hourAgo = new Date(Date.now() - 3600_000);
    utimesSync(join(root, 'output/old.png'), hourAgo, hourAgo);
    expect(await remove({ outputs: [output('old.png')] })).toBe(0);
  });

  test('links to files, and folders that are links to elsewhere', async () => {
    symlinkSync(join(root, '../secret.txt'), join(root, 'output/link.png'));
    symlinkSync(join(root, 'models'), join(root, 'output/models'));
    const before = left();
    expect(await remove({ outputs: [output('link.png'), output('model.safetensors', 'models')] })).toBe(0);
    expect(left()).toEqual(before);
  });
});

test('an output folder that is itself a link to another disk works', async () => {
  const disk = join(dirname(root), 'disk');
  mkdirSync(disk);
  rmSync(join(root, 'output'), { recursive: true });
  symlinkSync(disk, join(root, 'output'));
  writeFileSync(join(disk, 'a.png'), 'x');
  expect(await remove({ outputs: [output('a.png')] })).toBe(1);
});

test('a folder that is not of a ComfyUI is refused, with what it must hold', async () => {
  await new ComfyFolder(root).check();
  rmSync(join(root, 'output'), { recursive: true });
  for (const folder of [root, join(root, 'nowhere')])
    await expect(new ComfyFolder(folder).check()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('must hold the folders input and output'),
    });
});
