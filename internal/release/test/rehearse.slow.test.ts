// What a stranger does: an empty folder, plain npm, and what the first screen of the README says.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { listPackages, publish } from '../src/packages.ts';
import { readBlocks } from '../src/readme.ts';
import { type Registry, startRegistry } from '../src/registry.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'release-'));
const readme = join(root, 'README.md');
const [install = '', startNetwork = '', use = ''] = readBlocks(readme, 'sh');
const [program = ''] = readBlocks(readme, 'ts');
let registry: Registry;
let app: App;

beforeAll(async () => {
  registry = await startRegistry(folder);
  await publish(listPackages(root), registry);
  app = new App(join(folder, 'app'), registry);
}, 180_000);

afterAll(async () => {
  await app?.stop();
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the lines of the README install, start a network, and run the first program and the command on it', async () => {
  expect(install).toMatch(/^npm install @heurist\/core/);
  await app.line(install);
  expect(startNetwork).toBe('npx @heurist/dev');
  await app.startNetwork(startNetwork);
  app.write('app.mjs', program);
  const [runProgram = '', runCommand = ''] = use.split('\n').map((line) => line.replace(/ *#.*/, ''));
  const printed = await app.line(runProgram);
  expect(printed).toMatch(/^http\S+ 128 128\n$/);
  const picture = await (await fetch(printed.split(' ')[0]!)).arrayBuffer();
  app.write('photo.jpg', new Uint8Array(picture));
  expect(runCommand).toMatch(/^npx @heurist\/cli run upscaler --image photo.jpg --out results$/);
  const saved = await app.line(runCommand.replace('npx', 'npx --yes'));
  expect(existsSync(join(folder, 'app', saved.trim()))).toBe(true);
  // by npx: the version of each package itself, and help that can be copied
  for (const name of ['@heurist/dev', '@heurist/cli']) {
    const { version } = listPackages(root).find((known) => known.name === name)!;
    expect(await app.line(`npx --yes ${name} --version`)).toBe(`${version}\n`);
    expect(await app.line(`npx --yes ${name} --help`)).toMatch(new RegExp(`^Usage: npx ${name} \\[options\\]`));
  }
}, 240_000);
