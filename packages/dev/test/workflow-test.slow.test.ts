// `heurist workflow test` on networks that it starts itself.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@heurist/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const out = join(import.meta.dirname, '../out');
mkdirSync(out, { recursive: true });
const cwd = mkdtempSync(join(out, 'workflow-test-'));
const run = (...args: string[]) => runCli(['workflow', ...args], { cwd });

const flat = {
  a: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 255 } },
  b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'flat' } },
};
beforeAll(async () => {
  writeFileSync(join(cwd, 'flat.json'), JSON.stringify(flat));
  expect((await run('create', 'flat.json', '--name', 'flat')).code).toBe(0);
  const path = join(cwd, 'flat/workflow-tests.json');
  writeFileSync(path, JSON.stringify({ tests: [{ name: 'is there', expect: { kind: 'png', width: 64 } }] }));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test('beside a ComfyUI, with a miner of its own', async () => {
  const engine = await createEngine({ dataDir: join(cwd, 'comfyui') });
  const there = await run('test', 'flat', '--comfyui', engine.url);
  await engine.close();
  expect([there.code, there.stderr]).toEqual([0, '']);
  const gone = await run('test', 'flat', '--comfyui', engine.url);
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining(engine.url)]);
});

test('what the CPU engine cannot run', async () => {
  // a package is loaded once
  cpSync(join(cwd, 'flat'), join(cwd, 'gpu'), { recursive: true });
  const path = join(cwd, 'gpu/src/flat.api.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"EmptyImage"', '"SamplerCustom"'));
  const { code, stderr } = await run('test', 'gpu');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/cannot run on the CPU engine: pass --comfyui .*SamplerCustom/s),
  ]);
});
