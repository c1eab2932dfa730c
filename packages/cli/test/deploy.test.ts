// What deploy/ and the pages for operators say exists.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program/create-program.ts';
import { variables } from '../src/program/environment.ts';

const root = join(import.meta.dirname, '../../..');
const pages = globSync(
  [
    'README.md',
    'docs/{deploy,scaling}.md',
    'docs/deploy/*.md',
    'docs/miner/*.md',
    'deploy/**/*.*',
    'examples/gpu-miner/*.*',
  ],
  { cwd: root },
);
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
const options = withSubcommands(createProgram([])).flatMap((command) => command.options);

test.each(pages)('%s names only options that there are', (page) => {
  const commands = read(page).match(/heurist (dev|run|sequencer|miner|status|keys|workflow)\b[^\n`"]*/g) ?? [];
  const flags = commands.flatMap((command) => command.split('#')[0]!.match(/--[a-z][\w-]*/g) ?? []);
  const known = new Set(options.map(({ long }) => long));
  expect(flags.filter((flag) => !known.has(flag) && !/^--(prompt|image|seed|scale)/.test(flag))).toEqual([]);
});

test.each(pages)('%s names only variables that somebody reads', (page) => {
  const known = new Set([
    ...options.map(({ envVar }) => envVar),
    ...Object.values(variables)
      .flat()
      .map(({ name }) => name),
  ]);
  const named = read(page).match(/\bHEURIST_[A-Z_0-9]*[A-Z0-9]\b/g) ?? [];
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('whoever stops the process that run-comfyui names restarts it, and SIGTERM ends both', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-comfyui-'));
  const pidFile = join(folder, 'pid');
  const script = join(root, 'deploy/run-comfyui.sh');
  const env = { ...process.env, COMFYUI_PID_FILE: pidFile };
  const shell = spawn('sh', [script, 'sleep', '60'], { env, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => shell.once('exit', resolve));
  const pid = () => Number(readFileSync(pidFile, { encoding: 'utf8', flag: 'a+' }));
  const isThere = (id: number) => {
    try {
      return process.kill(id, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(pid).toBeGreaterThan(0);
  const first = pid();
  process.kill(first, 'SIGKILL');
  await expect.poll(pid, { timeout: 5000 }).not.toBe(first);
  const second = pid();
  await expect.poll(() => isThere(second)).toBe(true);
  shell.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(isThere(second)).toBe(false);
  rmSync(folder, { recursive: true });
});
