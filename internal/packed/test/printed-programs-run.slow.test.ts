// Programs that pages print are run against what is published, and so are the commands that make something: on a local network,
// in a folder with the files that they name. Addresses of the reader's servers become those of this network.
//
// The rule: a program is run to its end, without an error. What is otherwise is said here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { workflows } from '@heurist/cli';
import { Heurist } from '@heurist/core';
import { type LocalNetwork, startLocalNetwork } from '@heurist/dev';
import { commandsOf, heuristArguments } from '@heurist/docs/commands';
import { OWN_WORKFLOW } from '@heurist/docs/own-workflow';
import { readPages, root } from '@heurist/docs/pages';
import { type Program, programsOf } from '@heurist/docs/programs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Pages whose programs are not run, and why. */
const NOT_RUN: Record<string, string> = {
  'packages/workflows/flux-lora/README.md': 'needs a GPU',
  'packages/workflows/image2video/README.md': 'needs a GPU',
  'packages/workflows/text2video/README.md': 'needs a GPU',
  'packages/workflows/text2audio/README.md': 'needs a GPU',
  'docs/workflows/flux-lora.md': 'needs a GPU',
  'docs/workflows/image2video.md': 'needs a GPU',
  'docs/workflows/text2video.md': 'needs a GPU',
  'docs/workflows/text2audio.md': 'needs a GPU',
  'docs/start/own-gpu.md': 'needs a GPU',
  'docs/guides/from-fal.md': 'needs a GPU',
  'docs/guides/from-comfyui.md': 'needs the package that it makes',
  'docs/guides/why-it-waits.md': "asks for a task of the reader's",
  [OWN_WORKFLOW]: 'needs the package that it makes: internal/docs runs it',
  'packages/heurist/README.md': 'asks for a size that needs a GPU: reference-programs.slow.test.ts runs it',
};
/** Programs that go on for ever: they are stopped after what they print first. */
const SERVERS = ['engine', 'miner', 'sequencer', 'tiny-icons'].map((name) => `packages/network/${name}/README.md`);
/** What a program says where it shows a mistake on purpose. */
const MISTAKE = '@ts-expect-error';

const pageOf = ({ place }: { place: string }) => place.replace(/:\d+$/, '');
/** What a guide shows of another service would call that. */
const isOfOthers = ({ code }: Program) => /from '(?:@fal-ai\/client|replicate)'/.test(code);
/** Those of examples are run by internal/examples. */
const pages = [...readPages().values()].filter(({ path }) => !path.startsWith('examples/'));
const programs = pages.flatMap(programsOf).filter((program) => !(pageOf(program) in NOT_RUN) && !isOfOthers(program));
const commands = pages
  .filter(({ path }) => !(path in NOT_RUN))
  .flatMap(({ fences }) => fences.filter(({ language, note }) => language === 'sh' && !note))
  .flatMap(({ place, code }) => {
    const calls = commandsOf(code).flatMap((words) => [heuristArguments(words) ?? []]);
    return calls.filter(isShort).map((args) => ({ place, args, line: args.join(' ') }));
  });

/** Makes something, and ends. What needs a network or a package of the reader's own is tested with the command itself. */
function isShort(args: string[]): boolean {
  const makes = args[0] === 'run' || /^(workflow (create|check)|miner check)$/.test(args.slice(0, 2).join(' '));
  // options of a graph of the reader's own
  return makes && !['--workflow', '--local', '--drop'].some((flag) => args.includes(flag));
}

const folder = mkdtempSync(join(tmpdir(), 'docs-'));
let network: LocalNetwork;
let picture: string;
let env: NodeJS.ProcessEnv;

/** Draws grey on any ComfyUI. */
const graph = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color: 8421504 } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'grey' } },
};

beforeAll(async () => {
  const dataDir = join(folder, '.heurist');
  network = await startLocalNetwork({ workflows, dataDir });
  const { miner } = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));
  const { url: HEURIST_WORKFLOW_URL, apiKey: HEURIST_API_KEY } = network;
  env = { ...process.env, HEURIST_WORKFLOW_URL, HEURIST_API_KEY, HEURIST_MINER_KEY: miner };
  const grey = sharp({ create: { width: 24, height: 16, channels: 3, background: { r: 90, g: 120, b: 90 } } });
  for (const name of [
    'photo.jpg',
    'photo.png',
    'cat.png',
    'house.jpg',
    'room.jpg',
    'room.png',
    'mask.png',
    'album/1.jpg',
  ]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    await grey.clone().toFile(join(folder, name));
  }
  for (const name of ['my_workflow.json', 'my_workflow_api.json'])
    writeFileSync(join(folder, name), JSON.stringify(graph));
  symlinkSync(join(root, 'internal/docs/node_modules'), join(folder, 'node_modules'));
  const heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
  picture = await heurist.workflow.uploadFile(join(folder, 'photo.jpg'));
});

afterAll(async () => {
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a reader puts in place of the addresses that a page can only give as an example. */
const onThisNetwork = (text: string) =>
  text
    .replaceAll('http://127.0.0.1:8188', network.comfyuiUrl)
    .replaceAll('https://sequencer.example', network.url)
    .replaceAll('https://example.com/cat.png', picture)
    .replaceAll(/port: \d+/g, 'port: 0');

/** Runs Node to its end, or until it prints. */
async function run(args: string[], signal: AbortSignal, { untilItPrints = false } = {}) {
  const child = spawn(process.execPath, args, { cwd: folder, env, signal });
  const ended = once(child, 'close');
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (untilItPrints) child.kill('SIGKILL');
  });
  await ended;
  return { code: child.exitCode, stdout, stderr };
}

function save({ place, language, code }: Program): string {
  const name = `${place.replaceAll(/\W+/g, '-')}.m${language}`;
  writeFileSync(join(folder, name), onThisNetwork(code));
  return name;
}

test.for(programs)('$place runs', async (program, { signal }) => {
  const isServer = SERVERS.includes(pageOf(program));
  const { code, stdout, stderr } = await run([save(program)], signal, { untilItPrints: isServer });
  if (program.code.includes(MISTAKE)) expect(stderr).toMatch(/invalid_parameters/);
  else if (isServer) expect(stdout).not.toBe('');
  else expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

test.for(commands)('$place: heurist $line', async ({ args }, { signal }) => {
  rmSync(join(folder, 'my-flow'), { recursive: true, force: true });
  const main = join(root, 'packages/cli/dist/main.js');
  const { code, stderr } = await run([main, ...args.map(onThisNetwork)], signal);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

test('pages that are not run exist', () => {
  const paths = pages.map(({ path }) => path);
  expect([...Object.keys(NOT_RUN), ...SERVERS].filter((path) => !paths.includes(path))).toEqual([]);
});
