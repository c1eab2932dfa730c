import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runHere } from '@heurist/test-servers/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHeurist } from '../src/run-heurist.ts';
import { runCli, startCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test('help lists the flags of a workflow, from its schema', async () => {
  expect((await runCli(['run', 'upscaler', '--help'], { cwd })).stdout).toMatch(
    /--image <path or URL>.*--out <folder>/s,
  );
  expect((await runCli(['--help'], { cwd })).stdout).toMatch(/dev.*run.*sequencer.*miner.*workflows/s);
  expect((await runCli(['workflows'], { cwd })).stdout).toMatch(
    /^text2image +Text to image\n {2}sdxl +.*\(first choice\)$.*^upscaler +Upscale/ms,
  );
});

test('--version, wherever it stands, is that of the package that was started', async () => {
  for (const args of [['--version'], ['-V'], ['dev', '--version']])
    expect(await runHere(() => runHeurist(args, { version: '1.2.3' }), { cwd })).toMatchObject({
      code: 0,
      stdout: '1.2.3\n',
    });
});

test.each<[Record<string, string>, string, string]>([
  [{}, 'heurist', 'npx @heurist/dev'],
  [{ npm_command: 'exec' }, 'npx @heurist/cli', 'npx @heurist/dev'],
  [{ npm_command: 'run-script', HEURIST_CLONE: '1' }, 'npm run heurist --', 'npm run heurist -- dev'],
])('with %j, help and errors spell commands so that they work there', async (env, heurist, dev) => {
  const say = async (...args: string[]) => {
    const { stdout, stderr } = await runCli(args, { cwd, env });
    return (stdout + stderr).replaceAll(/\s+/g, ' ');
  };
  expect(await say('run', 'upscaler', '--help')).toContain(`Usage: ${heurist} run upscaler`);
  expect(await say('--help')).toContain(`Usage: ${heurist} [options]`);
  expect(await say('keys', 'revoke', '--help')).toContain(`\`${heurist} keys list\` shows it`);
  expect(await say('miner', 'setup', '--help')).toContain(`\`${heurist} workflows\` lists them`);
  expect(await say('sequencer', '--help')).toContain(`\`${heurist} keys list\` shows all`);
  expect(await say('status')).toContain(`\`${dev}\` starts a local network`);
});

test('as a process: what it says is on stdout or stderr, and how it went in the exit code', async () => {
  expect(await startCli(['--version'], { cwd }).ended).toEqual({ code: 0, stdout: '0.0.0\n', stderr: '' });
  expect(await startCli(['run', 'nope'], { cwd }).ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error: unknown workflow "nope"/),
  });
});

test.each(['sequencer', 'miner'])('private hosts of %s that cannot be read are named', async (command) => {
  for (const env of [{}, { HEURIST_PRIVATE_HOSTS: 'storage.internal,10.0.0.0/99' }]) {
    const args =
      'HEURIST_PRIVATE_HOSTS' in env ? [command] : [command, '--private-hosts', 'storage.internal,10.0.0.0/99'];
    expect(await runCli(args, { cwd, env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/"10\.0\.0\.0\/99" is not an address, a network or the name of a host/),
    });
  }
});

test('the folders of several ComfyUIs: one for all, or one for each', async () => {
  const flags = [
    '--sequencer',
    'http://127.0.0.1:9',
    '--key',
    'a#b',
    '--comfyui',
    'http://127.0.0.1:9,http://127.0.0.1:7',
  ];
  const three = await runCli(['miner', ...flags, '--comfyui-folder', '/a,/b', '--comfyui-folder', '/c'], { cwd });
  expect(three).toMatchObject({ code: 1, stderr: expect.stringContaining('(got 3 for 2)') });
  // the folder is looked at before anything is asked
  for (const folders of [[cwd], [cwd, cwd]]) {
    const args = folders.flatMap((folder) => ['--comfyui-folder', folder]);
    const { stderr } = await runCli(['miner', ...flags, ...args], { cwd });
    expect(stderr).toContain('must hold the folders input and output');
  }
});

describe('a switch from the environment', () => {
  const sequencer = (value: string) => {
    const env = { HEURIST_ALLOW_LEGACY_MINERS: value };
    // it says so before it looks for its database
    return runCli(['sequencer', '--database', 'postgres://127.0.0.1:9/x'], { cwd, env });
  };

  test.each(['true', '1'])('%s is on', async (value) => {
    expect((await sequencer(value)).stderr).toContain('reference miners are accepted');
  });

  test.each(['false', '0', ''])('"%s" is off', async (value) => {
    const { stderr } = await sequencer(value);
    expect(stderr).not.toContain('reference miners are accepted');
    expect(stderr).toContain('ECONNREFUSED');
  });

  test('anything else is refused', async () => {
    expect(await sequencer('maybe')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/HEURIST_ALLOW_LEGACY_MINERS must be true or false \(got "maybe"\)/),
    });
  });
});

describe('limits of the network', () => {
  const sequencer = (args: string[], env: Record<string, string> = {}) =>
    runCli(['sequencer', '--data-dir', join(cwd, 'limits'), '--port', '0', ...args], { cwd, env });

  test.each([
    [
      ['--limit', 'open_tasks=5', '--limit', 'open_tusks=5'],
      {},
      /no limit "open_tusks".*Use one of open_tasks, tasks_per_minute/,
    ],
    [['--limit', 'open_tasks=5,streams=many'], {}, /`streams` must be a whole number/],
    [[], { HEURIST_LIMITS: 'streams=3, nothing=1' }, /no limit "nothing"/],
    [['--trust-proxy', '10.0.0.0/8,nginx'], {}, /"nginx" is not an address or network of a proxy/],
  ])('%j %j is refused', async (args, env, message) => {
    expect(await sequencer(args, env)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});

test.each([[['dev']], [['run', 'upscaler', '--image', 'x.png', '--local']]])(
  '%j without @heurist/dev says how to add it',
  async (args) => {
    // a process of its own: this one finds every package of the workspace by NODE_PATH
    expect(await startCli(args, { cwd }).ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/"npm install @heurist\/dev".*"npx @heurist\/dev"\.\n$/),
    });
  },
);

test.each([
  ['a value that the workflow does not take', ['--scale', '3'], /^error: --scale must be one of 2, 4/],
  ['a value that is not a number', ['--scale', 'x'], /"x" is not a (whole )?number/],
])('%s: the flag is named before anything is sent', async (_, flags, message) => {
  const { code, stderr } = await runCli(['run', 'upscaler', '--image', 'x.png', ...flags], { cwd });
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
});

test('a key goes over plain HTTP to this machine only, unless the flag allows it', async () => {
  const env = { HEURIST_WORKFLOW_URL: 'http://sequencer.invalid', HEURIST_API_KEY: 'a#b' };
  const { code, stderr } = await runCli(['status'], { cwd, env });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/HEURIST_WORKFLOW_URL.*--allow-insecure-http/)]);
  const keys = ['keys', '--sequencer', 'http://sequencer.invalid', '--key', 'a#b', 'list'];
  expect((await runCli(keys, { cwd })).stderr).toMatch(/--sequencer "http:.*--allow-insecure-http/);
});

test('a database that cannot be reached: one line, without the password', async () => {
  const { code, stderr } = await runCli(['sequencer', '--database', 'postgres://me:hush@127.0.0.1:9/x'], { cwd });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: The database cannot be reached \(ECONNREFUSED\).*\n$/),
  ]);
});

describe('--workflow', () => {
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  };
  const module = (workflow_id: string) => `
    import * as z from '${import.meta.resolve('zod/mini')}';
    const parameters = z.strictObject({});
    const graph = { save: { class_type: 'SaveImage', inputs: {} } };
    export const definitions = [
      { workflow_id: '${workflow_id}', task_type: 'mine', title: 'Mine', parameters, graph, bindings: {}, outputs: ['save'] },
    ];`;
  const manifest = JSON.stringify({ type: 'module', exports: { './definition': { default: './dist/definition.js' } } });
  beforeAll(() => {
    write('own/package.json', manifest);
    write('own/dist/definition.js', module('own-flow'));
    write('node_modules/@me/flow/package.json', manifest);
    write('node_modules/@me/flow/dist/definition.js', module('scoped-flow'));
    write('twin.mjs', module('sdxl'));
    write('empty.mjs', 'export const definitions = [];');
    write('broken.mjs', 'export const = 1');
    write('wrong.mjs', module('wrong').replace("outputs: ['save']", "outputs: ['nowhere']"));
    write('schemaless.mjs', module('schemaless').replace('z.strictObject({})', '{}'));
    write('unbuilt/package.json', manifest);
    write('bare/readme.txt', 'x');
  });
  const list = (...args: string[]) => runCli([...args, 'workflows', '--json'], { cwd });

  test.each([
    ['a folder', ['--workflow', './own'], ['own-flow']],
    ['a module', ['--workflow=own/dist/definition.js'], ['own-flow']],
    [
      'an installed package, and a second one',
      ['--workflow', '@me/flow', '--workflow', 'own'],
      ['scoped-flow', 'own-flow'],
    ],
  ])('takes %s', async (_, args, ids) => {
    const { code, stdout } = await list(...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).slice(-ids.length)).toMatchObject(ids.map((workflow_id) => ({ workflow_id })));
  });

  test('in any place, also behind the command', async () => {
    const { stdout } = await runCli(['run', 'own-flow', '--help', '--workflow', './own'], { cwd });
    expect(stdout).toContain('heurist run own-flow');
  });

  test.each([
    ['twin.mjs', /"sdxl", an id that is already in use/],
    ['empty.mjs', /does not export `definitions`/],
    ['broken.mjs', /cannot be loaded/],
    ['wrong.mjs', /output nowhere/],
    ['schemaless.mjs', /parameters of "schemaless" are not a zod schema/],
    ['./nowhere', /does not exist/],
    ['not-installed', /npm install not-installed/],
    ['unbuilt', /is not built.*npm run build/],
    ['bare', /has no package\.json/],
  ])('refuses %s and says how to fix it', async (source, message) => {
    const { code, stderr } = await list('--workflow', source);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
