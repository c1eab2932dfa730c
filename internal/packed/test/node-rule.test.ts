// The built commands on a Node that is too old, where the host has one: `npm test` may be started with Node 20.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const packages = resolve(import.meta.dirname, '../../../packages');
const commands = ['cli', 'dev'].map((name) => join(packages, name, 'dist/main.js'));

/** The Node that npm runs on. */
const host = process.env.npm_node_execpath;
const version = host && execFileSync(host, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
const isOld = Boolean(version) && Number.parseInt(version!, 10) < 22;

test.skipIf(!isOld).each(commands)('%s says so in one line and leaves nothing behind', async (command) => {
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'));
  const result = await run(host!, [command, 'sequencer'], { cwd: folder }).catch((error) => error);
  expect(result).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `Heurist needs Node 22.18 or newer; this is ${version}.\n`,
  });
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test.each(commands)('%s imports nothing before that', (command) => {
  expect(readFileSync(command, 'utf8')).not.toMatch(/^(import|export)\b.*\bfrom\b/m);
});
