// The programs of the README of heurist@0.0.43, with nothing changed but the version: on a network that has a GPU, or says so.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { workflows } from '@heurist/cli';
import { Heurist } from '@heurist/core';
import { type LocalNetwork, startLocalNetwork } from '@heurist/dev';
import { createMiner, type Miner } from '@heurist/miner';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import sharp from 'sharp';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'reference-programs-'));
const require = createRequire(import.meta.url);
/** Of the built package, and of the one whose place it takes. */
const [heurist, reference] = [require.resolve('heurist'), require.resolve('heurist-reference')].map((entry) =>
  dirname(dirname(entry)),
) as [string, string];
const [usage = '', smartGen = '', , twoSteps = '', , oneStep = ''] = readBlocks(join(reference, 'README.md'));
/** Where later blocks go on. */
const [client = ''] = smartGen.split('const response');

function readBlocks(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!);
}

let network: LocalNetwork;
let gpu: SlowComfyui;
let miner: Miner;
let photo: string;

beforeAll(async () => {
  const dataDir = join(folder, '.heurist');
  network = await startLocalNetwork({ workflows, dataDir });
  const app = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
  const grey = sharp({ create: { width: 24, height: 16, channels: 3, background: { r: 90, g: 120, b: 90 } } });
  photo = await app.workflow.uploadFile(await grey.jpeg().toBuffer());
  const drawn = workflows.filter(({ workflow_id }) => ['sd15', 'sdxl', 'flux-dev'].includes(workflow_id));
  gpu = await startSlowComfyui({ durations: [50], capacity: 9, objectInfo: readObjectInfo(), models: modelsOf(drawn) });
  const { miner: key } = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));
  miner = createMiner({ sequencer: network.url, key, comfyui: gpu.url, workflows: drawn });
  await miner.start();
  // as after `npm install heurist`
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(heurist, join(folder, 'node_modules/heurist'));
});

afterAll(async () => {
  await miner?.stop();
  await gpu?.stop();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The files that these workflows need, by folder. */
function modelsOf(drawn: typeof workflows): Record<string, string[]> {
  const models = drawn.flatMap(({ requirements }) => requirements.models);
  const folders = Map.groupBy(models, (model) => model.folder);
  return Object.fromEntries([...folders].map(([name, files]) => [name, files.map(({ filename }) => filename)]));
}

const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };

/** How a program is saved, and how a line is added that waits. */
const formats = {
  ESM: { name: 'program.mjs', write: (head: string, rest: string) => `${head}\n${rest}` },
  CommonJS: {
    name: 'program.cjs',
    // a compiler leaves the imports as they are, and CommonJS waits for nothing at the top
    write: (head: string, rest: string) =>
      ts.transpileModule(`${head}\n;(async () => {\n${rest}\n})();`, { compilerOptions }).outputText,
  },
};

/** Runs a program: the lines down to the client, and the rest. */
async function run(format: keyof typeof formats, head: string, rest: string) {
  const { name, write } = formats[format];
  writeFileSync(join(folder, name), write(head, rest));
  const env = { PATH: process.env.PATH, HEURIST_WORKFLOW_URL: network.url, HEURIST_API_KEY: network.apiKey };
  return await promisify(execFile)(process.execPath, [name], { cwd: folder, env });
}

describe.each(['ESM', 'CommonJS'] as const)('%s', (format) => {
  test('Usage: a picture', async () => {
    const before = gpu.graphs.length;
    const { stderr } = await run(format, usage, 'await generateImage();');
    expect(stderr).toBe('');
    const { sampler, latent, neg } = gpu.graphs[before]!;
    expect(sampler!.inputs).toMatchObject({ steps: 25, cfg: 7.5 });
    expect(latent!.inputs).toMatchObject({ width: 1024, height: 768 });
    expect(neg!.inputs).toMatchObject({ text: 'worst quality' });
  });

  test('Usage: a workflow', async () => {
    // the README forgets this import
    const head = `import { UpscalerTask } from 'heurist';\n${usage.replace('https://example.com/sample.jpg', photo)}`;
    const shown = head.replace('const response = await heurist.workflow', 'return await heurist.workflow');
    const { stdout, stderr } = await run(
      format,
      shown,
      'const { status, result } = await workflow(); console.log(status, result);',
    );
    expect(stdout).toMatch(/^finished http\S+\n$/);
    // its consumer is "example-id", whatever the key says
    expect(stderr).toMatch(/^heurist: `consumer_id` of tasks is not used/);
  });

  test('Images, a page of its documentation: a picture from a model alone', async () => {
    const before = gpu.graphs.length;
    await run(format, client, `const response = await heurist.images.generate({\n  model: 'BrainDance',\n});`);
    expect(gpu.graphs[before]!.ckpt!.inputs).toMatchObject({ ckpt_name: expect.stringMatching(/^v1-5/) });
  });

  test.each([
    ['Basic Example', smartGen.replace(client, '')],
    ['Two-Step Generation', twoSteps],
    ['One-Step Generation', oneStep],
  ])('SmartGen, %s: one clear error', async (_, rest) => {
    expect(rest).toContain('heurist.smartgen');
    await expect(run(format, client, rest)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/`smartgen` is not supported.*images\.generate/),
    });
  });
});

test('our own README: a picture of the size that it asks for', async () => {
  const before = gpu.graphs.length;
  const [program = ''] = readBlocks(join(heurist, 'README.md'));
  const { stdout, stderr } = await run('ESM', program, '');
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^http/), '']);
  expect(gpu.graphs[before]!.latent!.inputs).toMatchObject({ width: 768, height: 512 });
});
