// What a stranger does: an empty folder, plain npm, and what the first screen of the README says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listPackages, publish } from '../src/packages.ts';
import { readBlocks } from '../src/readme.ts';
import { type Registry, startRegistry } from '../src/registry.ts';
import { cleanEnvironment, run } from '../src/run.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'release-'));
const app = join(folder, 'app');
const readme = join(root, 'README.md');
const [install = '', startNetwork = ''] = readBlocks(readme, 'sh');
const [program = ''] = readBlocks(readme, 'ts');
let registry: Registry;
let network: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(app);
  registry = await startRegistry(folder);
  await publish(listPackages(root), registry);
  writeFileSync(join(app, '.npmrc'), registry.npmrc);
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
}, 180_000);

afterAll(async () => {
  if (network?.exitCode === null) {
    network.kill('SIGTERM');
    await once(network, 'exit');
  }
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the install line of the README works', async () => {
  expect(install).toMatch(/^npm install @heurist\/core/);
  await run('npm', install.split(' ').slice(1), { cwd: app });
  expect(existsSync(join(app, 'node_modules/@heurist/core/dist/index.js'))).toBe(true);
}, 120_000);

test('so does the line that starts a network, and the first program on it', async () => {
  expect(startNetwork).toBe('npx @heurist/dev');
  network = spawn('npx', ['--yes', '@heurist/dev', '--port', '0'], { cwd: app, env: cleanEnvironment() });
  let printed = '';
  for await (const chunk of network.stdout!) {
    printed += chunk;
    if (printed.includes('Stop it')) break;
  }
  const variables = printed.match(/^HEURIST_\w+=.*$/gm) ?? [];
  writeFileSync(join(app, '.env'), variables.join('\n'));
  writeFileSync(join(app, 'app.mjs'), program);
  expect(await run(process.execPath, ['--env-file=.env', 'app.mjs'], { cwd: app })).toMatch(/^http\S+ 128 128\n$/);
}, 240_000);
