import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'quickstart-'));
const name = `test-${process.pid}`;
const result = new URL(`../../../out/${name}-x4.png`, import.meta.url).pathname;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(result, { force: true });
});

async function start(...args: string[]) {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@heurist/source', main, ...args], {
    env: { ...process.env, INIT_CWD: folder },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

test('upscales the picture given, from the folder of the caller, and says what it did', async () => {
  const picture = sharp({
    create: { width: 24, height: 16, channels: 4, background: { r: 9, g: 99, b: 199, alpha: 1 } },
  });
  writeFileSync(join(folder, `${name}.png`), await picture.png().toBuffer());
  const { code, stdout } = await start(`${name}.png`);
  expect(stdout).toMatch(/queued[\s\S]*running[\s\S]*finished/);
  expect(stdout).toContain(result);
  expect(stdout).toMatch(/96x64 pixels.*\nFinished in [\d.]+ s/);
  expect(code).toBe(0);
  expect(await sharp(result).metadata()).toMatchObject({ width: 96, height: 64, format: 'png' });
});

test('upscales a picture from an address', async () => {
  const bytes = await sharp({ create: { width: 10, height: 10, channels: 3, background: { r: 9, g: 99, b: 199 } } })
    .webp()
    .toBuffer();
  const server = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stdout } = await start(`http://127.0.0.1:${port}/${name}.webp?size=large`);
  server.close();
  expect([code, stdout]).toEqual([0, expect.stringContaining(result)]);
  expect(await sharp(result).metadata()).toMatchObject({ width: 40, height: 40 });
});

test('draws what is asked for, upscales it, and says how to draw it again', async () => {
  const { code, stdout } = await start('a', 'blue', 'heart');
  const [drawn, upscaled] = [...stdout.matchAll(/^(\/.*\.png) \((\d+)x\d+ pixels/gm)];
  const seed = stdout.match(/seed (\d+)/)?.[1];
  expect([code, drawn?.[2], upscaled?.[2]]).toEqual([0, '128', '512']);
  expect([drawn?.[1], upscaled?.[1]]).toEqual([
    expect.stringContaining(`a-blue-heart-${seed}.png`),
    expect.stringContaining(`a-blue-heart-${seed}-x4.png`),
  ]);
  const { channels } = await sharp(upscaled![1]!).stats();
  expect(channels[2]!.mean).toBeGreaterThan(channels[0]!.mean + 20);
  for (const [, path] of [drawn!, upscaled!]) rmSync(path!);
});

test('a path that does not exist: one line, exit code 1', async () => {
  const { code, stderr } = await start('none.png');
  expect([code, stderr.trim().split('\n')]).toEqual([
    1,
    [expect.stringMatching(/^error: .*none\.png.*Check the path/)],
  ]);
});
