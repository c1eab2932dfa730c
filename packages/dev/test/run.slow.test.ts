// The commands that use a network, against one that runs in this process.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflows } from '@heurist/cli';
import { Heurist } from '@heurist/core';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalNetwork, startLocalNetwork } from '../src/index.ts';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'run-'));
let network: LocalNetwork;
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

  network = await startLocalNetwork({ workflows, dataDir: await prepareDataFolder(join(cwd, 'data')) });
  env = { HEURIST_WORKFLOW_URL: network.url, HEURIST_API_KEY: network.apiKey };
});
afterAll(async () => {
  await network.close();
  rmSync(cwd, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(['run', ...args], { cwd, env });

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
  writeFileSync(join(cwd, '.env'), `HEURIST_WORKFLOW_URL=${network.url}\nHEURIST_API_KEY="${network.apiKey}"\n`);
  const { code } = await runCli(['run', 'upscaler', '--image', 'photo.png', '--out', 'out-env'], { cwd });
  rmSync(join(cwd, '.env'));
  expect(code).toBe(0);
});

test('the name of a family leaves the graph to the network', async () => {
  const { code, stdout } = await run('text2image', '--prompt', 'red heart', '--steps', '4', '--out', 'family');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/text2image-[\w-]+\.png\n$/)]);
  expect(await sharp(join(cwd, stdout.trim())).metadata()).toMatchObject({ width: 128, height: 128 });
});

test('its help has the defaults of the graph that runs here; flags of others name theirs', async () => {
  const help = await run('text2image', '--help');
  expect(help.stdout).toMatch(/default 128.*^Options and defaults of tiny, which would run on http/ms);
  const { code, stderr } = await run('text2image', '--prompt', 'x', '--guidance', '3');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/--guidance is an option of flux-dev: add --workflow-id flux-dev/),
  ]);
  // a value that tiny does not take: refused at once, with what runs here
  const wide = await run('text2image', '--prompt', 'x', '--width', '832');
  expect([wide.code, wide.stderr]).toEqual([
    1,
    expect.stringMatching(/runs workflow sdxl\. tiny runs here, but not with/),
  ]);
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

test('run --local needs no network: a picture from words, the same again elsewhere from its seed', async () => {
  const draw = async (out: string, settings: Record<string, string>, ...more: string[]) => {
    const args = ['run', 'text2image', '--prompt', 'red apple', '--steps', '4', '--out', join(cwd, out), ...more];
    const { code, stdout, stderr } = await runCli(args, { cwd, env: settings });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/seed \d+/)]);
    return { bytes: readFileSync(stdout.trim()), seed: stderr.match(/seed (\d+)/)![1]! };
  };
  const first = await draw('first', {}, '--local');
  const again = await draw('again', env, '--seed', first.seed);
  expect(again.bytes.equals(first.bytes)).toBe(true);
  expect(await sharp(first.bytes).metadata()).toMatchObject({ width: 128, height: 128 });
});

test('run --local refuses what this machine cannot run, and says what it can', async () => {
  const { code, stderr } = await runCli(['run', 'flux-dev', '--local', '--prompt', 'x'], { cwd });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/flux-dev needs a GPU.*text2image, image2image, inpaint, upscaler.*heurist miner/),
  ]);
});

test('status says what runs here', async () => {
  const { code, stdout } = await runCli(['status'], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^1 miner, \d busy: local\nworkflow +miners +waiting/);
  expect(stdout).toMatch(/^tiny +1 +0 +0 /m);
  const { stdout: json } = await runCli(['status', '--json'], { cwd, env });
  expect(JSON.parse(json).miners[0]).toMatchObject({ miner_id: 'local' });
});

test('keys: made, listed, revoked', async () => {
  // the folder of the network that runs, by which the operator's key is found
  const at = ['--sequencer', network.url, '--data-dir', join(cwd, 'data')];
  const { code, stdout, stderr } = await runCli(
    ['keys', ...at, 'create', 'consumer', 'lovelace', '--max-open-tasks', '9', '--limit', 'open_tasks=3'],
    {
      cwd,
    },
  );
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^lovelace#[0-9a-f]{64}\n$/),
    expect.stringContaining('shown only once'),
  ]);
  const list = await runCli(['keys', ...at, 'list'], { cwd });
  const line = list.stdout.split('\n').find((text) => text.includes('lovelace'))!;
  expect(line).toMatch(/^[0-9a-f-]{36} {2}consumer {2}lovelace {2}20\S+ {2}not used yet {2}open_tasks=3 \(key\)$/);
  const limit = async (...args: string[]) => await runCli(['keys', ...at, 'limit', ...args], { cwd });
  const shown = async () =>
    (await runCli(['keys', ...at, 'list'], { cwd })).stdout.match(/lovelace {2}\S+ {2}not used yet {2}(.*)/)?.[1];
  expect((await limit('consumer', 'lovelace', 'open_tasks=2', 'streams=8')).code).toBe(0);
  expect(await shown()).toBe('open_tasks=2 (owner)  streams=8 (owner)');
  expect((await limit('key', line.slice(0, 36), 'open_tasks=1', 'streams=9')).code).toBe(0);
  expect(await shown()).toBe('open_tasks=1 (key)  streams=8 (owner)');
  await limit('consumer', 'lovelace', 'open_tasks=default', 'streams=default');
  expect(await shown()).toBe('open_tasks=1 (key)  streams=9 (key)');
  expect(await limit('consumer', 'lovelace', 'open_tusks=2')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no limit "open_tusks".*open_tasks, tasks_per_minute/),
  });
  expect((await limit('consumer', 'lovelace', 'streams:2')).stderr).toContain(
    '"streams:2" is not a limit. Use NAME=NUMBER',
  );
  expect(list.stdout).toMatch(/Limits of the network.*\n.*open_tasks +1000\n.*\n/);
  expect((await runCli(['keys', ...at, 'revoke', line.slice(0, 36)], { cwd })).stdout).toContain('revoked');
  expect((await runCli(['keys', ...at, 'list'], { cwd })).stdout).not.toContain('lovelace');
  const [operator = ''] = list.stdout.match(/^\S+(?=.*operator)/m) ?? [];
  const last = await runCli(['keys', ...at, 'revoke', operator], { cwd, env: { npm_command: 'exec' } });
  expect([last.code, last.stderr]).toEqual([
    1,
    expect.stringMatching(/is the last operator key.* Create another operator key first\.\n$/),
  ]);
  const stranger = await runCli(['keys', '--sequencer', network.url, '--data-dir', 'nowhere', 'list'], { cwd });
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('HEURIST_OPERATOR_KEY')]);
});

test('keys that expire, change and rotate; and the log of all of it', async () => {
  const at = ['--sequencer', network.url, '--data-dir', join(cwd, 'data')];
  const keys = (...args: string[]) => runCli(['keys', ...at, ...args], { cwd });
  const lineOf = async (id: string) => (await keys('list')).stdout.split('\n').find((line) => line.startsWith(id));
  const made = await keys('create', 'consumer', 'hopper', '--expires', '30d');
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining(`It expires at ${day}`)]);
  const [, id = ''] = /^(\S+) .*hopper/m.exec((await keys('list')).stdout) ?? [];
  expect(await lineOf(id)).toMatch(new RegExp(`not used yet {2}expires ${day}T\\S+Z$`));
  const { workflow } = new Heurist({ workflowURL: network.url, apiKey: made.stdout.trim() });
  await workflow.networkStatus();
  const change = await keys('change', id, '--expires', '2100-01-01', '--max-open-tasks', '7', '--limit', 'streams=2');
  expect([change.code, change.stdout]).toEqual([0, `changed ${id}\n`]);
  expect(await lineOf(id)).toMatch(
    / {2}last used 20\S+Z {2}expires 2100-01-01T00:00:00\.000Z {2}open_tasks=7 \(key\) {2}streams=2 \(key\)$/,
  );
  await keys('change', id, '--expires', 'never', '--limit', 'streams=default');
  expect(await lineOf(id)).toMatch(/Z {2}open_tasks=7 \(key\)$/);
  const rotated = await keys('rotate', id, '--overlap', '0s');
  expect([rotated.code, rotated.stdout, rotated.stderr]).toEqual([
    0,
    expect.stringMatching(/^hopper#[0-9a-f]{64}\n$/),
    expect.stringMatching(/shown only once.*The old key is valid until 20/),
  ]);
  expect(await lineOf(id)).toContain('  EXPIRED 20');
  await expect(workflow.networkStatus()).rejects.toMatchObject({ code: 'unauthorized' });
  await new Heurist({ workflowURL: network.url, apiKey: rotated.stdout.trim() }).workflow.networkStatus();
  for (const [args, message] of [
    [['change', id], /Nothing to change/],
    [['change', id, '--expires', 'soon'], /must be a date such as 2027-01-01/],
    [['create', 'consumer', 'x', '--expires', '2001-01-01'], /`expires_at` must be in the future/],
    [['rotate', id], /has expired\. Create a new key/],
    [['rotate', id, '--overlap', '1 week'], /number with s, m, h or d/],
  ] as const)
    expect(await keys(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });

  const audit = async (...args: string[]) =>
    (await runCli(['audit', ...at, ...args], { cwd })).stdout.trim().split('\n');
  const lines = await audit('--since', '1h', '--actor', 'local');
  expect(lines.findLast((line) => line.includes('hopper'))).toMatch(
    /^20\S+Z {2}local \([0-9a-f-]{36}\) {2}key_create {6}ok {2}role=consumer {2}owner=hopper {2}key_id=\S+ {2}expires_at=20/,
  );
  expect(lines.map((line) => line.split(/ {2,}/)[3])).toContain('invalid_request');
  expect(lines.join()).not.toMatch(/[0-9a-f]{64}/);
  expect(await audit('--until', '1d')).toEqual(['']);
  const [newest = ''] = await audit('--action', 'key_rotate', '--limit', '1', '--json');
  expect(JSON.parse(newest)).toMatchObject({
    action: 'key_rotate',
    target: { key_id: id },
    outcome: 'invalid_request',
  });
  // the key of a consumer is told what it lacks
  const consumer = await runCli(['audit', ...at, '--key', network.apiKey], { cwd });
  expect([consumer.code, consumer.stderr]).toEqual([1, expect.stringContaining('needs an operator key')]);
});

test('keys revoke-session: the session of one page ends', async () => {
  const { workflow } = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
  const sessions = [1, 2].map(() => workflow.createSession({ task_types: ['upscaler'] }));
  const [one, two] = await Promise.all(sessions);
  const at = ['--sequencer', network.url, '--data-dir', join(cwd, 'data')];
  const revoke = (id: string) => runCli(['keys', ...at, 'revoke-session', id], { cwd });
  expect(await revoke(one!.session_id)).toMatchObject({ code: 0, stdout: `revoked session ${one!.session_id}\n` });
  const submit = ({ session_token }: { session_token: string }) => {
    const page = new Heurist({ workflowURL: network.url, apiKey: session_token });
    return page.workflow.uploadFile(new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]));
  };
  await expect(submit(one!)).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(submit(two!)).resolves.toMatch(/^http/);
  const again = await revoke(one!.session_id);
  expect([again.code, again.stderr]).toEqual([1, `error: There is no open session ${one!.session_id}.\n`]);
});

test('miner check: what a ComfyUI runs, what it needs, and where to get it', async () => {
  const engineUrl = network.comfyuiUrl;
  const { code, stdout } = await runCli(['miner', 'check', '--comfyui', engineUrl], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/ComfyUI \S+ on .*can run \d+ of \d+ workflows/);
  expect(stdout).toMatch(/^upscaler +(runs|uses)/m);
  expect(stdout).toMatch(/^sdxl +needs model file models\/checkpoints\/\S+ \(from https:.*GB\)/m);
  const { stdout: json } = await runCli(['miner', 'check', '--json'], { cwd, env: { COMFYUI_URL: engineUrl } });
  expect(JSON.parse(json).workflows.length).toBeGreaterThan(10);
  const none = await runCli(['miner', 'check'], { cwd });
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('--comfyui')]);
  const nobody = await runCli(['miner', 'check', '--comfyui', 'http://127.0.0.1:9'], { cwd });
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('http://127.0.0.1:9')]);
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
  const check = (name: string, url = network.comfyuiUrl) =>
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
      stderr: expect.stringContaining('Cannot reach ComfyUI'),
    });
  });
});

test('--timeout: the task is canceled, and the flag is named', async () => {
  const slow = sharp({ create: { width: 320, height: 240, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  writeFileSync(join(cwd, 'slow.png'), await slow.png().toBuffer());
  const { code, stderr } = await run('upscaler', '--image', 'slow.png', '--timeout', '1');
  const [, task_id = ''] = /error: Task (\S+) did not finish within 1 s.*--timeout\.\n$/.exec(stderr) ?? [];
  expect([code, task_id]).toEqual([1, expect.stringMatching(/.../)]);
  const heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
  expect(await heurist.workflow.queryTaskResult(task_id)).toMatchObject({ status: 'canceled' });
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
    ['a truncated PNG', ['upscaler', '--image', 'cut.png'], {}, /damaged.*complete PNG/],
    ['70 megapixels', ['upscaler', '--image', 'large.png'], {}, /megapixels.*smaller/],
    [
      'an address that leads nowhere',
      ['upscaler', '--image', 'http://no-such-host.invalid/x.png'],
      {},
      /cannot fetch --image http:\/\/no-such-host\.invalid\/x\.png.*local file/,
    ],
    ['an address without a picture', ['upscaler', '--image', 'PAGE'], {}, /cannot fetch --image|not an image/],
    ['an unknown workflow', ['nope'], {}, /unknown workflow "nope".*upscaler/],
    ['no workflow', [], {}, /no workflow given.*upscaler/],
    ['an unknown parameter', ['upscaler', '--image', 'photo.png', '--steps', '3'], {}, /unknown option '--steps'/],
    ['a missing parameter', ['upscaler'], {}, /--image/],
    [
      'a wrong key',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_API_KEY: 'local#wrong' },
      /rejected the key.*HEURIST_API_KEY/,
    ],
    ['no key', ['upscaler', '--image', 'photo.png'], { HEURIST_API_KEY: '' }, /HEURIST_API_KEY/],
    [
      'no address',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_WORKFLOW_URL: '' },
      /HEURIST_WORKFLOW_URL.*npx @heurist\/dev/,
    ],
    [
      'a sequencer that is down',
      ['upscaler', '--image', 'photo.png'],
      { HEURIST_WORKFLOW_URL: closed },
      /127\.0\.0\.1:9.*Is it running, and is HEURIST_WORKFLOW_URL correct/,
    ],
  ])('%s', async (_, args, more, message) => {
    const given = args.map((arg) => (arg === 'PAGE' ? `${network.url}/healthz` : arg));
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
