// What a user installs: the packed tarballs, in an empty folder, with nothing of this workspace around.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const tarballs = ['core', 'workflows/upscaler'].map((name) => join(root, 'packages', name, '.pack/package.tgz'));
let dev: ChildProcess;

beforeAll(async () => {
  for (const path of tarballs)
    if (!existsSync(path)) throw new Error(`${path} is missing: run "turbo run pkgcheck" first, as "npm test" does.`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'an-app', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], { cwd: folder });

  const picture = sharp({ create: { width: 16, height: 12, channels: 3, background: { r: 1, g: 200, b: 3 } } });
  writeFileSync(join(folder, 'photo.png'), await picture.png().toBuffer());
  const cli = join(root, 'packages/cli/dist/main.js');
  dev = spawn(process.execPath, [cli, 'dev', '--port', '0', '--data-dir', join(folder, 'data')], { cwd: folder });
  let printed = '';
  for await (const chunk of dev.stdout!) {
    printed += chunk;
    if (printed.includes('Stop it')) break;
  }
  writeFileSync(
    join(folder, '.env'),
    printed
      .split('\n')
      .filter((line) => line.startsWith('HEURIST_'))
      .join('\n'),
  );
}, 120_000);
afterAll(async () => {
  dev?.kill('SIGTERM');
  await new Promise((end) => dev?.on('close', end));
  rmSync(folder, { recursive: true, force: true });
});

const body = `
async function main() {
  const heurist = new Heurist();
  const image_url = await heurist.workflow.uploadFile('photo.png');
  const { image } = await heurist.workflow.run(new UpscalerTask({ image_url }));
  await saveOutput(image, process.argv[2] ?? 'big.png');
  console.log(image.width, image.height);
}
void main();
`;
const imports = `
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { UpscalerTask } from '@heurist/upscaler';
`;
const requires = `
const { Heurist } = require('@heurist/core');
const { saveOutput } = require('@heurist/core/node');
const { UpscalerTask } = require('@heurist/upscaler');
`;

test('only the two packages and their two dependencies are installed', () => {
  const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(names.toSorted()).toEqual(['@heurist', 'ky', 'zod']);
});

describe('a plain script in another folder, with the .env that heurist dev prints', () => {
  test.each([
    ['main.mjs', imports],
    ['main.cjs', requires],
  ])('%s', async (name, head) => {
    writeFileSync(join(folder, name), head + body);
    const output = `${name}.png`;
    const { stdout } = await run(process.execPath, ['--env-file=.env', name, output], { cwd: folder });
    expect(stdout.trim()).toBe('64 48');
    expect(await sharp(join(folder, output)).metadata()).toMatchObject({ width: 64, height: 48 });
  });
});

test.each(['nodenext', 'bundler'])('types are right under %s, from ESM and from CommonJS', async (resolution) => {
  const module = resolution === 'bundler' ? 'preserve' : 'nodenext';
  const typed = `${imports}${body}
export const task = new UpscalerTask({ image_url: 'https://example.com/x.png', timeout_seconds: 5 });
// @ts-expect-error image_url is required
new UpscalerTask({});
export async function f(heurist: Heurist): Promise<string> {
  const { image, outputs } = await heurist.workflow.run(task);
  const width: number | undefined = image.width;
  // @ts-expect-error no such output
  image.nope;
  return image.url + width + outputs.length + (await heurist.workflow.executeWorkflowAndWaitForResult(task, 1000, 1000)).status;
}
`;
  writeFileSync(join(folder, 'check.mts'), typed);
  writeFileSync(join(folder, 'check.cts'), typed);
  const options = {
    module,
    moduleResolution: resolution,
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: 'es2022',
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['check.mts', 'check.cts'] }),
  );
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

test('bundled for a browser, it runs with nothing but what the web has', async () => {
  const contents = `export { Heurist } from '@heurist/core'; export { UpscalerTask } from '@heurist/upscaler';`;
  const options = { bundle: true, write: false, platform: 'browser', format: 'iife', globalName: 'sdk' } as const;
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: folder } });
  const web = [
    'fetch',
    'Request',
    'Response',
    'Headers',
    'URL',
    'Blob',
    'File',
    'FormData',
    'AbortController',
    'AbortSignal',
  ];
  const more = [
    'DOMException',
    'ReadableStream',
    'TextDecoderStream',
    'TextEncoder',
    'TextDecoder',
    'crypto',
    'setTimeout',
    'clearTimeout',
  ];
  const context = createContext(Object.fromEntries([...web, ...more].map((name) => [name, globalThis[name as never]])));
  runInContext(`${outputFiles[0]!.text}; globalThis.sdk = sdk;`, context);
  const { HEURIST_WORKFLOW_URL: workflowURL, HEURIST_API_KEY: apiKey } = parseEnv(
    readFileSync(join(folder, '.env'), 'utf8'),
  );
  Object.assign(context, { settings: { workflowURL, apiKey }, bytes: readFileSync(join(folder, 'photo.png')) });
  const width = await runInContext(
    `(async () => {
      const heurist = new sdk.Heurist(settings);
      const image_url = await heurist.workflow.uploadFile(new Blob([bytes]));
      return (await heurist.workflow.run(new sdk.UpscalerTask({ image_url }))).image.width;
    })()`,
    context,
  );
  expect(width).toBe(64);
  const paths = runInContext(
    `new sdk.Heurist(settings).workflow.uploadFile('photo.png').catch((error) => error.message)`,
    context,
  );
  expect(await paths).toContain('Blob');
});
