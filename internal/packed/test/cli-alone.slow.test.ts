// What an operator installs: the command without the local network. And what a developer adds to it.
import { execFile, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'cli-alone-'));
const MAX_MB = 75;
const WITHOUT = ['@heurist/dev', '@heurist/engine', '@heurist/tiny-icons', '@electric-sql/pglite', 'onnxruntime-*'];

/** The tarballs of packages, which `npm test` makes before. */
const tarballs = (...patterns: string[]) =>
  globSync(
    patterns.map((pattern) => `packages/${pattern}/.pack/package.tgz`),
    { cwd: root },
  ).map((path) => join(root, path));

const install = (paths: string[]) =>
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...paths], { cwd: folder });

const bin = (name: string) => join(folder, 'node_modules/.bin', name);
const heurist = (...args: string[]) =>
  run(bin('heurist'), args, { cwd: folder, env: { PATH: process.env.PATH } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

/** As npm has installed it. */
const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

/** Starts a network and returns what it says when it is ready. */
async function ready(command: string, args: string[]): Promise<{ workflows: string[] }> {
  const options = ['--json', '--port', '0', '--data-dir', join(folder, 'data')];
  const child = spawn(command, [...args, ...options], { cwd: folder, env: { PATH: process.env.PATH } });
  let [printed, errors] = ['', ''];
  child.stderr.on('data', (data) => {
    errors += data;
  });
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.includes('\n')) break;
  }
  const ended = new Promise((end) => child.on('exit', end));
  child.kill('SIGTERM');
  await ended;
  if (!printed) throw new Error(errors);
  return JSON.parse(printed);
}

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a-miner', private: true }));
  await install(tarballs('cli', 'core', 'network/{comfyui,miner,sequencer}', 'workflows/*'));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command alone', () => {
  test(`takes ${MAX_MB} MB or less`, async () => {
    const { stdout } = await run('du', ['-sm', join(folder, 'node_modules')]);
    expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(MAX_MB);
  });

  test('brings no engine, embedded database or weights', () => {
    expect(
      globSync(
        WITHOUT.map((name) => `node_modules/**/${name}/package.json`),
        { cwd: folder },
      ),
    ).toEqual([]);
  });

  test.each([
    [['--help'], /sequencer.*miner/s],
    [['miner', '--help'], /--comfyui/],
    [['workflows'], /sdxl/],
  ])('%j works', async (args, text) => {
    expect(await heurist(...args)).toMatchObject({ code: 0, stdout: expect.stringMatching(text) });
  });

  test('`--version` is its version', async () => {
    expect(await heurist('--version')).toEqual({ code: 0, stdout: `${versionOf('@heurist/cli')}\n`, stderr: '' });
  });

  test.each([
    [['dev'], /^error: `heurist dev` needs .*"npm install @heurist\/dev".*"npx @heurist\/dev"\.\n$/],
    [['run', 'text2image', '--prompt', 'x', '--local'], /^error: .*"npm install @heurist\/dev".*\n$/],
    [['sequencer', '--port', '0'], /^error: The embedded database needs .*"npm install @electric-sql\/pglite".*\n$/],
    [
      ['sequencer', '--database', 'postgres://me:hush@127.0.0.1:9/x'],
      /^error: (?!.*hush).*database cannot be reached \(ECONNREFUSED\).*\n$/,
    ],
  ])('%j ends in one line that says how to go on', async (args, line) => {
    expect(await heurist(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(line) });
  });
});

describe('with @heurist/dev beside it', () => {
  const expected = { workflows: ['tiny', 'tiny-img2img', 'tiny-inpaint', 'upscaler'] };

  beforeAll(async () => {
    await install(tarballs('dev', 'network/{engine,tiny-icons}'));
  }, 180_000);

  test.each([['--version'], ['-V']])('npx @heurist/dev %s is its version', async (flag) => {
    const { stdout, stderr } = await run(bin('heurist-dev'), [flag], { cwd: folder });
    expect([stdout, stderr]).toEqual([`${versionOf('@heurist/dev')}\n`, '']);
  });

  test('npx @heurist/dev --help lists its options, and starts nothing', async () => {
    const env = { PATH: process.env.PATH, npm_command: 'exec' };
    const { stdout } = await run(bin('heurist-dev'), ['--help'], { cwd: folder, env });
    expect(stdout).toMatch(/^Usage: npx @heurist\/dev \[options\]\n.*--port.*--data-dir.*--json.*--workflow/s);
    expect(existsSync(join(folder, '.heurist'))).toBe(false);
  });

  test.each([
    ['heurist dev', () => ready(bin('heurist'), ['dev'])],
    ['npx @heurist/dev', () => ready(bin('heurist-dev'), [])],
    [
      'heurist dev of another installation, in a folder that has @heurist/dev',
      () => ready(process.execPath, [join(root, 'packages/cli/dist/main.js'), 'dev']),
    ],
  ])('%s starts a network', async (_, start) => {
    expect(await start()).toMatchObject(expected);
  });
});
