// What a user installs: the packed tarballs, in an empty folder, with nothing of this workspace around.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import sharp from 'sharp';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const workflows = readdirSync(join(root, 'packages/workflows'));
const packages = ['core', 'heurist', 'server', ...workflows.map((name) => `workflows/${name}`)];
const tarballs = packages.map((name) => join(root, 'packages', name, '.pack/package.tgz'));
const cli = join(root, 'packages/cli/dist/main.js');
const localNetwork = join(root, 'packages/dev/dist/main.js');
const tsc = join(root, 'node_modules/.bin/tsc');
let dev: ChildProcess;

/** A graph that somebody has exported from ComfyUI. */
const poster = {
  3: { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  7: {
    class_type: 'ImageScale',
    inputs: { image: ['3', 0], upscale_method: 'lanczos', width: 96, height: 64, crop: 'center' },
  },
  8: { class_type: 'ImageInvert', inputs: { image: ['7', 0] } },
  9: {
    class_type: 'ImageBlend',
    inputs: { image1: ['7', 0], image2: ['8', 0], blend_factor: 0, blend_mode: 'normal' },
  },
  10: { class_type: 'SaveImage', inputs: { images: ['9', 0], filename_prefix: 'poster' } },
};

beforeAll(async () => {
  for (const path of tarballs)
    if (!existsSync(path)) throw new Error(`${path} is missing: run "turbo run pkgcheck" first, as "npm test" does.`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'an-app', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], { cwd: folder });

  const picture = sharp({ create: { width: 16, height: 12, channels: 3, background: { r: 1, g: 200, b: 3 } } });
  writeFileSync(join(folder, 'photo.png'), await picture.png().toBuffer());
  writeFileSync(join(folder, 'poster.json'), JSON.stringify(poster));
  await run(process.execPath, [cli, 'workflow', 'create', 'poster.json', '--name', 'poster'], { cwd: folder });
  await run(tsc, ['-p', 'poster'], { cwd: folder });
  const options = ['--port', '0', '--data-dir', 'data', '--workflow', './poster'];
  dev = spawn(process.execPath, [localNetwork, ...options], { cwd: folder });
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
/** Every package, for its types: a program that uses the options of one graph, and is told off for those of others. */
const family = `
import { FluxLoraTask } from '@heurist/flux-lora';
import { Image2ImageTask } from '@heurist/image2image';
import { Image2VideoTask } from '@heurist/image2video';
import { InpaintTask } from '@heurist/inpaint';
import { Text2AudioTask } from '@heurist/text2audio';
import { Text2ImageTask } from '@heurist/text2image';
import { Text2VideoTask } from '@heurist/text2video';
const prompt = 'x';
const image_url = 'https://example.com/x.png';
export const tasks = [
  new Text2ImageTask({ prompt, width: 512, cfg: 5 }),
  new Text2ImageTask({ workflow_id: 'flux-dev', prompt, guidance: 3, timeout_seconds: 9 }),
  // @ts-expect-error cfg is no option of this graph
  () => new Text2ImageTask({ workflow_id: 'flux-dev', prompt, cfg: 3 }),
  // @ts-expect-error guidance is no option of the default graph
  () => new Text2ImageTask({ prompt, guidance: 3 }),
  new Image2ImageTask({ prompt, image_url, denoise: 0.5 }),
  new InpaintTask({ prompt, image_url, mask_url: image_url, mask_channel: 'alpha' }),
  new FluxLoraTask({ prompt, lora_name: 'a', aspect_ratio: '16:9' }),
  new Text2VideoTask({ prompt, length: 9 }),
  new Text2VideoTask({ workflow_id: '2', prompt, quality: 9 }),
  // @ts-expect-error the default graph makes an MP4
  () => new Text2VideoTask({ prompt, quality: 9 }),
  new Image2VideoTask({ workflow_id: 'svd', image_url }),
  new Text2AudioTask({ tags: 'piano' }),
];
export async function outputs(heurist: Heurist) {
  const { image, images, seed } = await heurist.workflow.run(new Text2ImageTask({ prompt }));
  const { video } = await heurist.workflow.run(new Text2VideoTask({ prompt }));
  const { audio } = await heurist.workflow.run(new Text2AudioTask({ tags: 'piano' }));
  const chosen: number | undefined = seed;
  return [image.url, ...images.map(({ url }) => url), video.url, audio.url, chosen];
}
`;
const requires = `
const { Heurist } = require('@heurist/core');
const { saveOutput } = require('@heurist/core/node');
const { UpscalerTask } = require('@heurist/upscaler');
`;

/** As apps of `heurist@0.0.43` are written. */
const dropIn = `
async function main() {
  const heurist = new Heurist();
  const image_url = await heurist.workflow.uploadFile('photo.png');
  const task = new UpscalerTask({ image_url, timeout_seconds: 300 });
  const { status, result } = await heurist.workflow.executeWorkflowAndWaitForResult(task, 60000, 1000);
  console.log(status, typeof result, typeof WorkflowTask, typeof APIResource);
}
void main();
`;
const dropInRequires = `
const { default: Heurist, Heurist: Named, UpscalerTask } = require('heurist');
const { WorkflowTask } = require('heurist/workflow');
const { APIResource } = require('heurist/resource');
if (Named !== Heurist) throw new Error('two classes');
`;
const dropInImports = `
import Heurist, { UpscalerTask } from 'heurist';
import { WorkflowTask } from 'heurist/workflow';
import { APIResource } from 'heurist/resource';
`;

test.each([
  ['drop-in.mjs', dropInImports],
  ['drop-in.cjs', dropInRequires],
])('%s: a program of heurist@0.0.43 runs as it is', async (name, head) => {
  writeFileSync(join(folder, name), head + dropIn);
  const { stdout } = await run(process.execPath, ['--env-file=.env', name], { cwd: folder });
  expect(stdout.trim()).toBe('finished string function function');
});

test('only our packages and their two dependencies are installed', () => {
  const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(names.toSorted()).toEqual(['@heurist', 'heurist', 'ky', 'zod']);
});

const appServer = `
const handler = createHandler({ authorize: () => ({ user_id: 'ada', task_types: ['upscaler'] }) });
const server = createServer(toNodeHandler(handler)).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/session_create';
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  console.log(reply.status, Object.keys(await reply.json()).join());
  server.closeAllConnections();
  server.close();
});`;

test.each([
  [
    'app.mjs',
    `import { createServer } from 'node:http';
import { createHandler } from '@heurist/server';
import { toNodeHandler } from '@heurist/server/node';`,
  ],
  [
    'app.cjs',
    `const { createServer } = require('node:http');
const { createHandler } = require('@heurist/server');
const { toNodeHandler } = require('@heurist/server/node');`,
  ],
])('%s: the server of an app makes session tokens for its page', async (name, head) => {
  writeFileSync(join(folder, name), head + appServer);
  const { stdout } = await run(process.execPath, ['--env-file=.env', name], { cwd: folder });
  expect(stdout.trim()).toBe('200 session_token,session_id,expires_at');
});

describe('a plain script in another folder, with the .env that @heurist/dev prints', () => {
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
  const typed = `${imports}${family}${body}
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
    exactOptionalPropertyTypes: true,
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
  const { stdout } = await run(tsc, ['-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

test('types are found by the oldest TypeScript with `module: commonjs`, whose resolution knows no `exports`', async () => {
  const more = `
import Drop, { Workflow } from 'heurist';
import { APIResource } from 'heurist/resource';
import { defineWorkflow } from '@heurist/core/definition';
import { definitions } from '@heurist/text2image/definition';
export const known = [Drop, Workflow, APIResource, defineWorkflow, definitions];
// @ts-expect-error image_url is required
new UpscalerTask({});
`;
  writeFileSync(join(folder, 'node10.ts'), imports + more + body);
  const compilerOptions = {
    module: 'commonjs',
    moduleResolution: 'node10',
    esModuleInterop: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = join(folder, 'tsconfig.node10.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ['node10.ts'] }));
  const oldest = createRequire(import.meta.url).resolve('typescript-oldest/bin/tsc');
  const { stdout } = await run(process.execPath, [oldest, '-p', config]).catch((error) => error);
  expect(stdout).toBe('');
});

test('editors show what each option means', () => {
  const file = join(folder, 'hover.mts');
  writeFileSync(
    file,
    `import type { Text2ImageTaskOptions } from '@heurist/text2image';
export type Options = Extract<Text2ImageTaskOptions, { workflow_id: 'flux-dev' }>;`,
  );
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, skipLibCheck: true, strict: true });
  const checker = program.getTypeChecker();
  const alias = program.getSourceFile(file)!.statements.find(ts.isTypeAliasDeclaration)!;
  const meanings = checker.getPropertiesOfType(checker.getTypeAtLocation(alias)).map((property) => {
    const isLacking = checker.typeToString(checker.getTypeOfSymbol(property)) === 'undefined';
    return [property.name, isLacking || property.getDocumentationComment(checker).length > 0];
  });
  expect(Object.fromEntries(meanings)).toMatchObject({ prompt: true, width: true, seed: true, workflow_id: true });
  expect(meanings.filter(([, isKnown]) => !isKnown)).toEqual([]);
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
    'performance',
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

test('a package made from a graph passes its own tests, and makes its picture through the network', async () => {
  const { stdout } = await run(process.execPath, ['--test', 'src/**/*.test.ts'], { cwd: join(folder, 'poster') });
  expect(stdout).toMatch(/pass \d+[\s\S]*fail 0/);
  const program = `${imports}
import { PosterTask } from './poster/dist/index.js';
const heurist = new Heurist();
const image_url = await heurist.workflow.uploadFile('photo.png');
for (const blend_factor of [undefined, 1]) {
  const { image } = await heurist.workflow.run(new PosterTask({ image_url, width: 80, blend_factor }));
  await saveOutput(image, 'poster-' + blend_factor + '.png');
}
`;
  writeFileSync(join(folder, 'poster.mjs'), program);
  await run(process.execPath, ['--env-file=.env', 'poster.mjs'], { cwd: folder });
  const colours = ['poster-undefined.png', 'poster-1.png'].map(async (name) => {
    const { data, info } = await sharp(join(folder, name)).raw().toBuffer({ resolveWithObject: true });
    return [info.width, info.height, ...data.subarray(0, 3)];
  });
  // as it is, and inverted; saved values are cut off, as in ComfyUI
  expect(await Promise.all(colours)).toEqual([
    [80, 64, 1, 200, 3],
    [80, 64, 254, 54, 252],
  ]);
});

test.each([
  'text2image/src/graphs/sdxl',
  'text2video/src/graphs/hunyuan',
  'image2video/src/graphs/wan2.2-i2v-14b-4step',
  'text2audio/src/graphs/ace-step',
  'upscaler/src/graphs/upscaler',
])('a package made from the graph %s builds, and passes its own tests', async (graph) => {
  const name = `own-${graph.split('/').at(-1)!.replaceAll('.', '-')}`;
  const source = join(root, 'packages/workflows', `${graph}.api.json`);
  await run(process.execPath, [cli, 'workflow', 'create', source, '--name', name], { cwd: folder });
  await run(tsc, ['-p', name], { cwd: folder });
  const { stdout } = await run(process.execPath, ['--test', 'src/**/*.test.ts'], { cwd: join(folder, name) });
  expect(stdout).toMatch(/pass \d+[\s\S]*fail 0/);
});
