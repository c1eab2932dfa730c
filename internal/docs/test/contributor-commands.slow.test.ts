// Runs the commands of CONTRIBUTING.md and AGENTS.md in a copy of the working tree, as somebody who has just cloned it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@heurist/test-servers/free-port';
import { copyWorkingTree } from '@heurist/test-servers/working-tree';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proofs } from '../src/contributor-commands.ts';

const clone = mkdtempSync(join(tmpdir(), 'clone-'));
const AUTHOR = ['-c', 'user.name=clone', '-c', 'user.email=clone@localhost'];
const git = (...args: string[]) => execFileSync('git', [...AUTHOR, ...args], { cwd: clone, encoding: 'utf8' });

/** Variables of this test run, which would decide for an inner one. */
const OUTER = /^npm_|^INIT_CWD$|^HEURIST_|^VITEST|^NODE_|^TEST$|^DEV$|^PROD$|^MODE$/i;
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTER.test(name))),
  PATH: `${join(clone, 'node_modules/.bin')}:${process.env.PATH}`,
  NO_COLOR: '1',
};

beforeAll(async () => {
  await copyWorkingTree(clone);
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'as it is');
  const { printed, code } = await start('npm run pnpm -- install');
  expect(code, printed).toBe(0);
}, 300_000);
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** Runs a line of shell, to its end or until it prints something. */
async function start(
  line: string,
  until?: RegExp,
  env?: NodeJS.ProcessEnv,
): Promise<{ printed: string; code: number }> {
  // a group of its own: what npm has started ends with it
  const child = spawn('bash', ['-c', line], { cwd: clone, env: { ...environment, ...env }, detached: true });
  let printed = '';
  return await new Promise((resolve) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      if (until?.test(printed)) endGroup(child);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => resolve({ printed, code: code ?? 1 }));
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!);
  } catch {
    // it has ended by itself
  }
}

const rows = Object.entries(proofs).map(([command, proof]) => ({ command, proof }));

test.each(rows.filter(({ proof }) => 'prints' in proof))(
  '$command',
  async ({ command, proof }) => {
    if (!('prints' in proof)) return;
    const { printed, code } = await start(proof.as ?? command);
    expect(printed).toMatch(proof.prints);
    expect(code, printed).toBe(proof.fails ? 1 : 0);
    if (proof.leaves === 'nothing') expect(git('status', '--porcelain')).toBe('');
    // the next command finds the clone as it was
    git('checkout', '--quiet', '.');
    git('clean', '--quiet', '-d', '--force');
  },
  900_000,
);

test.each(rows.filter(({ proof }) => 'until' in proof))(
  '$command, until it serves',
  async ({ command, proof }) => {
    if (!('until' in proof)) return;
    const { printed } = await start(proof.as ?? command, proof.until, { PORT: `${await freePort()}` });
    expect(printed).toMatch(proof.until);
  },
  600_000,
);
