// The steps of the Dockerfile by hand: in a clean copy of this repository, and what they make as an account that owns nothing else.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@heurist/test-servers/free-port';
import { copyWorkingTree } from '@heurist/test-servers/working-tree';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environmentOf, readDockerfile } from '../src/dockerfile.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const instructions = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));
const FINAL = 1;
const folder = mkdtempSync(join(tmpdir(), 'image-'));
const [source, app, data] = ['source', 'app', 'data'].map((name) => join(folder, name)) as [string, string, string];
/** Of a machine that has Node, npm and its settings, and nothing of this workspace. */
const clean = { PATH: `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`, HOME: homedir() };

/** Paths of the image, as paths of this machine. */
const here = (text: string) => text.replaceAll(/\/(app|data)\b/g, (_, name: string) => join(folder, name));

beforeAll(async () => {
  mkdirSync(source);
  // COPY . . takes what is not ignored
  await copyWorkingTree(source);
  for (const { stage, name, text } of instructions)
    if (stage === 0 && name === 'RUN')
      await run('sh', ['-ec', here(text)], { cwd: source, env: clean, maxBuffer: 64e6 }).catch((error) => {
        throw new Error(`${error.message}\n${error.stdout.slice(-3000)}`);
      });
  mkdirSync(data);
  for (const path of [folder, data]) chmodSync(path, 0o777);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the image with a command, as an account that may write nowhere but in its data folder and /tmp. */
async function start(args: string[], env: Record<string, string> = {}): Promise<ChildProcess> {
  const { text = '[]' } = instructions.find(({ stage, name }) => stage === FINAL && name === 'ENTRYPOINT') ?? {};
  const [, ...entry] = JSON.parse(here(text)) as string[];
  const own = { ...environmentOf(instructions, FINAL), ...env };
  const settings = Object.entries(own).map(([name, value]) => `${name}=${here(value)}`);
  const command = ['env', '-i', `PATH=${clean.PATH}`, ...settings, process.execPath, ...entry, ...args];
  const [program = '', ...rest] =
    userInfo().uid === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command] : command;
  return spawn(program, rest, { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function textOf(child: ChildProcess, name: 'stdout' | 'stderr'): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of child[name]!) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('the image is as large as the page says', async () => {
  const { stdout } = await run('du', ['-sm', app]);
  const [, promised] = /\((\d+) MB on top of/.exec(readFileSync(join(root, 'docs/deploy.md'), 'utf8')) ?? [];
  const [size, said] = [Number.parseInt(stdout, 10), Number(promised)];
  expect(Math.abs(size - said), `${size} MB, and the page says ${said}`).toBeLessThan(said * 0.1);
});

test('a sequencer starts, is healthy by the check of the compose file, and ends on SIGTERM', async () => {
  const port = await freePort();
  const sequencer = await start(['sequencer'], { HEURIST_PORT: `${port}` });
  const [printed] = await once(sequencer.stdout!, 'data');
  expect(`${printed}`).toContain('Sequencer at http');
  const compose = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8'), { merge: true });
  const [, ...check] = compose.services['sequencer-1'].healthcheck.test as string[];
  const probe = check.map((part) => part.replace(':8787', `:${port}`));
  await run(probe[0] === 'node' ? process.execPath : probe[0]!, probe.slice(1));
  sequencer.kill('SIGTERM');
  expect(await once(sequencer, 'exit')).toEqual([0, null]);
}, 60_000);

test('a miner starts, and says what it needs', async () => {
  const miner = await start(['miner']);
  const [said, [code]] = await Promise.all([textOf(miner, 'stderr'), once(miner, 'exit')]);
  expect([code, said]).toEqual([1, expect.stringMatching(/^error: .*(--sequencer|--comfyui)/)]);
});

test('the local network is not in the image, and `dev` says what is missing', async () => {
  const dev = await start(['dev']);
  const [said, [code]] = await Promise.all([textOf(dev, 'stderr'), once(dev, 'exit')]);
  expect([code, said]).toEqual([1, expect.stringContaining('@heurist/dev')]);
});
