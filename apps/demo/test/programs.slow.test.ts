// "Copy as": each program runs as it is pasted, whatever the prompt, and makes the same picture.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type LocalNetwork, startLocalNetwork } from '@heurist/dev';
import { listen } from '@heurist/server-kit/listen';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFamilies, families } from '../server/catalogue.ts';
import { PROGRAMS, type ProgramStep } from '../src/programs/index.ts';

const catalogue = describeFamilies(families);
const infoOf = (name: string) => catalogue.find((family) => family.name === name)!;
const step = (task_id: string, family: string, workflow_id: string, options: ProgramStep['options']): ProgramStep => ({
  task_id,
  info: infoOf(family),
  family,
  workflow_id,
  options,
});
const NASTY = [
  "it's",
  'a "quoted" word',
  'back\\slash \\n',
  'two\nlines\n',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would expand
  '$HOME ${HOME} $(id) `id`',
  '!! % %s %n & | ; < > * ? ~ #',
  '--seed=1',
  'émoji 🍎 \u2028 日本語',
  "'; exit 3; '",
  'END',
];

// beside the sources, where the packages are found
const folder = mkdtempSync(join(import.meta.dirname, 'program-'));
const bin = join(folder, 'bin');
const cliMain = resolve(import.meta.dirname, '../../../packages/cli/src/main.ts');
let network: LocalNetwork;
beforeAll(async () => {
  mkdirSync(bin);
  const workflows = families.flatMap(({ definitions }) => definitions);
  network = await startLocalNetwork({ workflows, allowPrivateInputs: false });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A program in the place of `npx`. */
function putNpx(script: string): void {
  const path = join(bin, 'npx');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

async function runShell(program: string, apiKey = 'anna#key'): Promise<string> {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HEURIST_API_KEY: apiKey, HEURIST_WORKFLOW_URL: '' };
  const { stdout } = await promisify(execFile)('sh', ['-c', program], { cwd: folder, env, timeout: 60_000 });
  return stdout;
}

async function runNode(program: string): Promise<string> {
  writeFileSync(join(folder, 'program.ts'), program);
  const env = { ...process.env, HEURIST_API_KEY: network.apiKey };
  const args = ['--conditions=@heurist/source', 'program.ts'];
  return (await promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 60_000 })).stdout;
}

describe.each(NASTY)('the prompt %j', (prompt) => {
  const steps = [step('a', 'text2image', 'tiny', { prompt, seed: 3 })];

  test('reaches the CLI as it is', async () => {
    putNpx(`exec ${process.execPath} -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@"`);
    const words = JSON.parse(await runShell(PROGRAMS.cli.write(steps, 'http://127.0.0.1:1')));
    expect(words).toEqual([
      '--yes',
      '@heurist/cli',
      'run',
      'text2image',
      '--workflow-id=tiny',
      `--prompt=${prompt}`,
      '--seed=3',
    ]);
  });

  test('reaches the network by curl as it is', async () => {
    const bodies: Record<string, unknown>[] = [];
    const stub = createServer(async (request, response) => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      if (request.url === '/file') return void response.end('picture');
      bodies.push(JSON.parse(text));
      const [, port] = request.headers.host!.split(':');
      const outputs = [{ url: `http://127.0.0.1:${port}/file` }];
      response.end(JSON.stringify({ task_id: 'a', status: 'finished', parameters: { prompt }, outputs }));
    });
    const url = await listen(stub, 0, '127.0.0.1');
    await runShell(PROGRAMS.curl.write(steps, `${url}/`));
    stub.close();
    expect(bodies).toEqual([
      {
        task_type: infoOf('text2image').task_type,
        workflow_id: 'tiny',
        task_details: { parameters: { prompt, seed: 3 } },
      },
      { task_id: 'a' },
    ]);
    expect(String(readFileSync(join(folder, 'text2image.png')))).toBe('picture');
  });
});

test('a chain with a file from this machine makes the same picture in every language', async () => {
  const name = "my 'own' $picture.png";
  const red = { width: 64, height: 64, channels: 3, background: '#c33' } as const;
  writeFileSync(join(folder, name), await sharp({ create: red }).png().toBuffer());
  const prompt = NASTY.join(' ');
  const steps = [
    step('a', 'image2image', 'tiny-img2img', { image_url: { url: 'http://x', name }, prompt, seed: 1 }),
    step('b', 'image2image', 'tiny-img2img', { image_url: { task_id: 'a', output: 0 }, prompt: 'red apple', seed: 0 }),
  ];
  const saved = join(folder, 'image2image.png');
  const made: Buffer[] = [];
  const programs = Object.fromEntries(
    Object.entries(PROGRAMS).map(([language, { write }]) => [language, write(steps, network.url)]),
  );
  const take = (path: string) => {
    made.push(readFileSync(path));
    rmSync(path);
  };
  await runNode(programs.typescript!);
  take(saved);
  await runShell(programs.curl!, network.apiKey);
  take(saved);
  putNpx(`shift 2; exec ${process.execPath} --conditions=@heurist/source ${cliMain} "$@"`);
  take(join(folder, (await runShell(programs.cli!, network.apiKey)).trim()));
  expect(await sharp(made[0]).metadata()).toMatchObject({ format: 'png' });
  for (const other of made.slice(1)) expect(other.equals(made[0]!)).toBe(true);
  for (const program of Object.values(programs)) expect(program).not.toContain(network.apiKey.split('#')[1]);
}, 120_000);

test('a task that fails ends the programs of the shell with its reason', async () => {
  const name = 'broken.png';
  writeFileSync(join(folder, name), 'no picture');
  const steps = [step('a', 'upscaler', 'upscaler', { image_url: { url: 'http://x', name } })];
  const { code, stderr } = await runShell(PROGRAMS.curl.write(steps, network.url), network.apiKey).catch(
    (error) => error,
  );
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/image\/png|failed|not an image|content/);
}, 60_000);
