import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findComfyui } from '../src/comfyui.ts';

const folder = mkdtempSync(join(tmpdir(), 'comfyui-'));
const clone = mkdtempSync(join(tmpdir(), 'comfyui-'));
writeFileSync(join(clone, 'main.py'), '');
afterAll(() => {
  for (const each of [folder, clone]) rmSync(each, { recursive: true, force: true });
});

test.each([
  ['nothing is set', {}, 'set COMFYUI_FOLDER to a clone'],
  ['the folder holds something else', { COMFYUI_FOLDER: folder }, 'no main.py in COMFYUI_FOLDER'],
  ['no Python is there', { COMFYUI_FOLDER: clone }, `no Python at ${join(clone, 'venv/bin/python')}`],
])('says what is missing: %s', (_, env, message) => {
  expect(findComfyui(env)).toContain(message);
});

test('finds a clone with its Python', () => {
  const env = { COMFYUI_FOLDER: clone, COMFYUI_PYTHON: process.execPath };
  expect(findComfyui(env)).toEqual({ folder: clone, python: process.execPath });
});
