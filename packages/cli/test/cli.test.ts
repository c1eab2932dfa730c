import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'cli-'));
let dev: ReturnType<typeof startCli>;
let ready: { url: string; apiKey: string; comfyuiUrl: string; workflows: string[] };
let env: Record<string, string>;

beforeAll(async () => {
  const picture = sharp({
    create: { width: 20, height: 12, channels: 4, background: { r: 200, g: 30, b: 30, alpha: 0.5 } },
  });
  writeFileSync(join(cwd, 'photo.png'), await picture.png().toBuffer());
  writeFileSync(join(cwd, 'photo.webp'), await picture.webp().toBuffer());
  writeFileSync(join(cwd, 'text.png'), 'this is text');
  writeFileSync(join(cwd, 'empty.png'), '');
  writeFileSync(join(cwd, 'cut.png'), readFileSync(join(cwd, 'photo.png')).subarray(0, 60));
  const large = sharp({ create: { width: 10_000, height: 7000, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  writeFileSync(join(cwd, 'large.png'), await large.png().toBuffer());

  dev = startCli(['dev', '--json', '--port', '0', '--data-dir', 'data'], { cwd });
  await dev.says('\n');
  ready = JSON.parse(dev.output.stdout);
  env = { HEURIST_WORKFLOW_URL: ready.url, HEURIST_API_KEY: ready.apiKey };
});
afterAll(async () => {
  dev.child.kill('SIGTERM');
  await dev.ended;
  rmSync(cwd, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(['run', ...args], { cwd, env });

test('dev says in one line that it is ready', () => {
  expect(dev.output.stdout.trim().split('\n')).toHaveLength(1);
  expect(ready).toMatchObject({
    url: expect.stringContaining('http://127.0.0.1:'),
    workflows: ['upscaler', 'tiny', 'tiny-img2img', 'tiny-inpaint'],
  });
});

test.each(['photo.png', 'photo.webp'])('run upscales %s, keeps its transparency and prints the path', async (file) => {
  const { code, stdout, stderr } = await run('upscaler', '--image', file, '--out', `out-${file}`);
  expect([code, stderr]).toEqual([0, expect.stringContaining('queued')]);
  const path = stdout.trim();
  expect(readdirSync(join(cwd, `out-${file}`))).toEqual([path.split('/').at(-1)]);
  const { data, info } = await sharp(join(cwd, path)).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 80, height: 48, channels: 4 });
  const [r = 0, g = 0, , alpha = 0] = data.subarray((24 * 80 + 40) * 4);
  expect(Math.abs(alpha - 128)).toBeLessThanOrEqual(2);
  expect(r).toBeGreaterThan(g + 100);
});

test('run takes what a parameter may be: twice as large with a network that makes four', async () => {
  const { code, stdout } = await run('upscaler', '--image', 'photo.png', '--scale', '2', '--out', 'out-2');
  expect(code).toBe(0);
  expect(await sharp(join(cwd, stdout.trim())).metadata()).toMatchObject({ width: 40, height: 24, channels: 4 });
});

test('run reads .env, where the key is quoted', async () => {
  writeFileSync(join(cwd, '.env'), `HEURIST_WORKFLOW_URL=${ready.url}\nHEURIST_API_KEY="${ready.apiKey}"\n`);
  const { code } = await runCli(['run', 'upscaler', '--image', 'photo.png', '--out', 'out-env'], { cwd });
  rmSync(join(cwd, '.env'));
  expect(code).toBe(0);
});

test('run --local needs no network: a picture from words, the same again from its seed', async () => {
  const draw = async (out: string, ...more: string[]) => {
    const args = ['run', 'text2image', '--local', '--prompt', 'red apple', '--steps', '4', '--out', join(cwd, out)];
    const { code, stdout, stderr } = await runCli([...args, ...more], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/seed \d+/)]);
    return { bytes: readFileSync(stdout.trim()), seed: stderr.match(/seed (\d+)/)![1]! };
  };
  const first = await draw('first');
  const again = await draw('again', '--seed', first.seed);
  expect(again.bytes.equals(first.bytes)).toBe(true);
  expect(await sharp(first.bytes).metadata()).toMatchObject({ width: 128, height: 128 });
});

test('run --local refuses what this machine cannot run, and says what it can', async () => {
  const { code, stderr } = await runCli(['run', 'flux-dev', '--local', '--prompt', 'x'], { cwd });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/flux-dev does not run.*text2image.*heurist miner/s)]);
});

test('a database that cannot be reached: one line, without the password', async () => {
  const { code, stderr } = await runCli(['sequencer', '--database', 'postgres://me:hush@127.0.0.1:9/x'], { cwd });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: The database cannot be reached \(ECONNREFUSED\).*\n$/),
  ]);
});

test('status says what runs here', async () => {
  const { code, stdout } = await runCli(['status'], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^1 miners, \d at work: local\nworkflow +miners +waiting/);
  expect(stdout).toMatch(/^tiny +1 +0 +0 /m);
  const { stdout: json } = await runCli(['status', '--json'], { cwd, env });
  expect(JSON.parse(json).miners[0]).toMatchObject({ miner_id: 'local' });
});

test('keys: made, listed, revoked', async () => {
  // the folder of the network that runs, by which the operator's key is found
  const at = ['--sequencer', ready.url, '--data-dir', join(cwd, 'data')];
  const { code, stdout, stderr } = await runCli(
    ['keys', ...at, 'create', 'consumer', 'lovelace', '--max-open-tasks', '3'],
    {
      cwd,
    },
  );
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^lovelace#[0-9a-f]{64}\n$/),
    expect.stringContaining('never again'),
  ]);
  const list = await runCli(['keys', ...at, 'list'], { cwd });
  const line = list.stdout.split('\n').find((text) => text.includes('lovelace'))!;
  expect(line).toMatch(/^[0-9a-f-]{36} {2}consumer {2}lovelace {2}20\S+ {2}3 open tasks$/);
  expect((await runCli(['keys', ...at, 'revoke', line.slice(0, 36)], { cwd })).stdout).toContain('revoked');
  expect((await runCli(['keys', ...at, 'list'], { cwd })).stdout).not.toContain('lovelace');
  const stranger = await runCli(['keys', '--sequencer', ready.url, '--data-dir', 'nowhere', 'list'], { cwd });
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('HEURIST_OPERATOR_KEY')]);
});

test('the name of a family leaves the graph to the network', async () => {
  const { code, stdout } = await run('text2image', '--prompt', 'red heart', '--steps', '4', '--out', 'family');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/text2image-[\w-]+\.png\n$/)]);
  expect(await sharp(join(cwd, stdout.trim())).metadata()).toMatchObject({ width: 128, height: 128 });
});

test.each([
  ['tiny-img2img', []],
  ['tiny-inpaint', ['--mask', 'photo.png', '--mask_channel', 'alpha']],
])('%s remakes a picture of any size', async (workflow, more) => {
  const args = [workflow, '--image', 'photo.png', '--prompt', 'red heart', '--steps', '4', '--out', workflow, ...more];
  const { code, stdout } = await run(...args);
  expect(code).toBe(0);
  expect(await sharp(join(cwd, stdout.trim())).metadata()).toMatchObject({ width: 128, height: 128 });
});

test('help lists the flags of a workflow, from its schema', async () => {
  expect((await run('upscaler', '--help')).stdout).toMatch(/--image <path or URL>.*--out <folder>/s);
  expect((await runCli(['--help'], { cwd })).stdout).toMatch(/dev.*run.*sequencer.*miner.*workflows/s);
  expect((await runCli(['workflows'], { cwd })).stdout).toMatch(/upscaler +upscaler +Upscale/);
});

describe('bad input: one clear line, exit code 1, and the network goes on', () => {
  const closed = 'http://127.0.0.1:9';
  test.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'a path that does not exist',
      ['upscaler', '--image', 'none.png'],
      {},
      /none\.png.*cannot be read.*Check the path/,
    ],
    ['a 0-byte file', ['upscaler', '--image', 'empty.png'], {}, /empty\.png.*empty \(0 bytes\)/],
    ['text renamed .png', ['upscaler', '--image', 'text.png'], {}, /text\.png.*not an image.*Use PNG/],
    ['a truncated PNG', ['upscaler', '--image', 'cut.png'], {}, /damaged.*whole PNG/],
    ['70 megapixels', ['upscaler', '--image', 'large.png'], {}, /megapixels.*smaller/],
    [
      'an address that leads nowhere',
      ['upscaler', '--image', 'http://no-such-host.invalid/x.png'],
      {},
      /cannot be fetched.*uploadFile/,
    ],
    ['an address without a picture', ['upscaler', '--image', 'PAGE'], {}, /cannot be fetched|no image/],
    ['an unknown workflow', ['nope'], {}, /unknown workflow "nope".*upscaler/],
    ['no workflow', [], {}, /name a workflow.*upscaler/],
    ['an unknown parameter', ['upscaler', '--image', 'photo.png', '--steps', '3'], {}, /unknown option '--steps'/],
    ['a missing parameter', ['upscaler'], {}, /--image/],
    [
      'a wrong key',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_API_KEY: 'local#wrong' },
      /key is not valid.*HEURIST_API_KEY/,
    ],
    ['no key', ['upscaler', '--image', 'photo.png'], { HEURIST_API_KEY: '' }, /HEURIST_API_KEY/],
    [
      'no address',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_WORKFLOW_URL: '' },
      /HEURIST_WORKFLOW_URL.*heurist dev/,
    ],
    [
      'a sequencer that is down',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_WORKFLOW_URL: closed },
      /127\.0\.0\.1:9.*Is it running/,
    ],
  ])('%s', async (_, args, more, message) => {
    const given = args.map((arg) => (arg === 'PAGE' ? `${ready.url}/healthz` : arg));
    const { code, stdout, stderr } = await runCli(['run', ...given], { cwd, env: { ...env, ...more } });
    const lines = stderr.split(/[\r\n]/).filter((line) => /error/.test(line));
    expect([code, stdout, lines.length]).toEqual([1, '', 1]);
    expect(lines[0]).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('and after all that a picture is upscaled', async () => {
    expect((await run('upscaler', '--image', 'photo.png', '--out', 'out-after')).code).toBe(0);
  });
});

test('Ctrl-C cancels the task', async () => {
  const picture = sharp({ create: { width: 900, height: 700, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  writeFileSync(join(cwd, 'slow.png'), await picture.png().toBuffer());
  const slow = startCli(['run', 'upscaler', '--image', 'slow.png'], { cwd, env });
  await expect.poll(() => slow.output.stderr, { timeout: 20_000 }).toContain('ImageUpscaleWithModel');
  slow.child.kill('SIGINT');
  expect((await slow.ended).code).toBe(1);
  expect((await run('upscaler', '--image', 'photo.png', '--out', 'out-ctrl-c')).code).toBe(0);
});

test('a data folder in use, and a port that is taken', async () => {
  const same = await runCli(['dev', '--port', '0', '--data-dir', 'data'], { cwd });
  expect([same.code, same.stderr]).toEqual([1, expect.stringContaining('in use by process')]);
  const port = new URL(ready.url).port;
  const taken = await runCli(['dev', '--port', port, '--data-dir', 'data2'], { cwd });
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining(`Port ${port} is already in use`)]);
});

test('sequencer and miner as processes of their own', async () => {
  const sequencer = startCli(['sequencer', '--port', '0', '--data-dir', 'data3'], { cwd });
  await sequencer.says('--comfyui');
  const { stdout } = sequencer.output;
  const [, url = ''] = /Sequencer at (\S+)/.exec(stdout) ?? [];
  const keys = JSON.parse(readFileSync(join(cwd, 'data3/credentials.json'), 'utf8'));
  expect(stdout + sequencer.output.stderr).not.toContain(keys.consumer.split('#')[1]);
  const engineUrl = JSON.parse(dev.output.stdout).comfyuiUrl;

  const without = await runCli(['miner', '--sequencer', url, '--comfyui', engineUrl], { cwd });
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('HEURIST_MINER_KEY')]);
  const wrong = await runCli(['miner', '--sequencer', url, '--comfyui', engineUrl, '--key', 'local#wrong'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('not valid')]);
  const away = 'http://127.0.0.1:9';
  const miner = startCli(['miner', '--sequencer', url, '--comfyui', engineUrl, '--comfyui', away], {
    cwd,
    env: { HEURIST_MINER_KEY: keys.miner },
  });
  await miner.says('runs upscaler');
  await expect
    .poll(() => miner.output.stderr, { timeout: 20_000 })
    .toMatch(new RegExp(`left out for now comfyui=${away}`));
  const options = { cwd, env: { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: keys.consumer } };
  expect((await runCli(['run', 'upscaler', '--image', 'photo.png', '--out', 'out-own'], options)).code).toBe(0);

  miner.child.kill('SIGTERM');
  sequencer.child.kill('SIGTERM');
  expect([(await miner.ended).code, (await sequencer.ended).code]).toEqual([0, 0]);
});

test('miner check: what a ComfyUI runs, what it lacks, and where to get it', async () => {
  const engineUrl = JSON.parse(dev.output.stdout).comfyuiUrl;
  const { code, stdout } = await runCli(['miner', 'check', '--comfyui', engineUrl], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/ComfyUI \S+ on .*runs \d+ of \d+ workflows/);
  expect(stdout).toMatch(/^upscaler +(runs|uses)/m);
  expect(stdout).toMatch(/^sdxl +lacks model file models\/checkpoints\/\S+ \(from https:.*GB\)/m);
  const { stdout: json } = await runCli(['miner', 'check', '--json'], { cwd, env: { COMFYUI_URL: engineUrl } });
  expect(JSON.parse(json).workflows.length).toBeGreaterThan(10);
  const none = await runCli(['miner', 'check'], { cwd });
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('--comfyui')]);
  const nobody = await runCli(['miner', 'check', '--comfyui', 'http://127.0.0.1:9'], { cwd });
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('http://127.0.0.1:9')]);
});

test('the whole network is killed in mid-run and started again: the waiting command does not notice', async () => {
  const start = async (port: string) => {
    const network = startCli(['dev', '--json', '--port', port, '--data-dir', 'data4'], { cwd });
    await network.says('\n');
    return { ...network, ready: JSON.parse(network.output.stdout) };
  };
  const picture = sharp({ create: { width: 200, height: 130, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  writeFileSync(join(cwd, 'middle.png'), await picture.png().toBuffer());
  const first = await start('0');
  const { url, apiKey } = first.ready;
  const options = { cwd, env: { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: apiKey } };
  const command = startCli(['run', 'upscaler', '--image', 'middle.png', '--out', 'out-killed'], options);
  await expect.poll(() => command.output.stderr, { timeout: 20_000 }).toContain('ImageUpscaleWithModel');
  first.child.kill('SIGKILL');
  await first.ended;

  const second = await start(new URL(url).port);
  const { code, stderr } = await command.ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('handed out again')]);
  second.child.kill('SIGTERM');
  await second.ended;
});

describe('workflow check', () => {
  const graphs = {
    'good.json': {
      a: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
      b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'x' } },
    },
    'bad.json': { b: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } },
  };
  beforeAll(() => {
    for (const [name, graph] of Object.entries(graphs)) writeFileSync(join(cwd, name), JSON.stringify(graph));
  });
  const check = (name: string, url = ready.comfyuiUrl) =>
    runCli(['workflow', 'check', name, '--comfyui', url], { cwd });

  test('a graph that the server can run', async () => {
    expect(await check('good.json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('can run this graph: 2 nodes'),
    });
  });

  test('one that it cannot: every error is a line, and the exit code says so', async () => {
    const { code, stdout, stderr } = await check('bad.json');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('error b (SaveImage): Required input is missing: images'),
    ]);
    expect(stderr).toContain('cannot run this graph: 1 error.');
  });

  test('a server that is not there', async () => {
    expect(await check('good.json', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be reached'),
    });
  });
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
    ['twin.mjs', /"sdxl", which is there already/],
    ['empty.mjs', /exports no `definitions`/],
    ['broken.mjs', /cannot be loaded/],
    ['wrong.mjs', /output nowhere is no node/],
    ['schemaless.mjs', /parameters of "schemaless" are no zod schema/],
    ['./nowhere', /is not there/],
    ['not-installed', /npm install not-installed/],
    ['unbuilt', /is not built.*npm run build/],
    ['bare', /without package\.json/],
  ])('refuses %s with the mend', async (source, message) => {
    const { code, stderr } = await list('--workflow', source);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
