import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { openLoadTimes } from './load-times-file.ts';

const times = { 'a.safetensors': { ready: { draw: { cold: [21_000, 20_000], warm: [1000] } }, loaders: [900] } };
let folder: string;
let logger: ReturnType<typeof createRecordingLogger>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-times-'));
  logger = createRecordingLogger();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (comfyui = 'http://one/') => openLoadTimes(folder, comfyui, logger);
const files = () => (existsSync(join(folder, 'models')) ? readdirSync(join(folder, 'models')) : []);

test('what was measured of a ComfyUI is there after a restart, and not taken for that of another', async () => {
  expect(open().times).toEqual({});
  open().save(times);
  await expect.poll(() => open().times).toEqual(times);
  expect(open('http://two/').times).toEqual({});
});

test.each([
  ['text', 'not JSON'],
  ['a number', '{"a":1}'],
  ['null', '{"a":null}'],
  ['no times', '{"a":{"ready":{"draw":{"cold":["long"],"warm":[]}},"loaders":[]}}'],
  ['one time where there are several now', '{"a":{"ready":{"draw":{"cold":[],"warm":[]}},"loaders":900}}'],
])('a file that holds %s is written anew', async (_, text) => {
  open().save(times);
  await expect.poll(files).toHaveLength(1);
  writeFileSync(join(folder, 'models', files()[0]!), text);
  expect(open().times).toEqual({});
});

test('a disk that fails costs a measurement and a warning', async () => {
  // a file where the folder should be
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'models'), '');
  open().save(times);
  await expect.poll(() => logger.lines.length).toBe(1);
  expect(open().times).toEqual({});
});
