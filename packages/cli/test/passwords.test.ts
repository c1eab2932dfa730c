// An address may hold a user name and password: no command shows them, whether it can use the address or not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '@heurist/test-servers/gateway';
import { afterAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'passwords-'));
writeFileSync(join(cwd, 'graph.json'), '{"a":{"class_type":"X","inputs":{}}}');
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const miner = ['miner', '--sequencer', 'http://127.0.0.1:9', '--key', 'a#b', '--comfyui'];

test.each<[string[], Record<string, string>, RegExp]>([
  [['miner', 'check', '--comfyui', 'http://me:hush@127.0.0.1:9'], {}, /reach ComfyUI at http:\/\/127\.0\.0\.1:9\/\./],
  [['miner', 'check'], { COMFYUI_URL: 'http://me:hush@127.0.0.1:9' }, /reach ComfyUI at http:\/\/127\.0\.0\.1:9\/\./],
  [['miner', 'check', '--comfyui', 'ftp://me:hush@host'], {}, /argument 'host' is invalid/],
  [['miner', 'check', '--comfyui', 'me:hush@host:8188'], {}, /argument 'host:8188' is invalid/],
  [['miner', 'check', '--comfyui', 'http://me:hu/sh@host'], {}, /argument 'host' is invalid/],
  [['miner', 'check'], { COMFYUI_URL: 'me:hush@host' }, /value 'host' from env 'COMFYUI_URL' is invalid/],
  [['workflow', 'check', 'graph.json', '--comfyui', 'http://me:hush@127.0.0.1:9'], {}, /ComfyUI at http:\/\/127/],
  [[...miner, 'http://me:hush@127.0.0.1:9'], {}, /reach ComfyUI at http:\/\/127\.0\.0\.1:9\/\./],
  [
    ['miner', '--sequencer', 'http://me:hush@127.0.0.1:9', '--key', 'a#b', '--comfyui', 'http://127.0.0.1:9'],
    {},
    /--sequencer must not hold a user name or password: leave them out of "http:\/\/127\.0\.0\.1:9"/,
  ],
  [
    ['status'],
    { HEURIST_WORKFLOW_URL: 'https://me:hush@host', HEURIST_API_KEY: 'a#b' },
    /HEURIST_WORKFLOW_URL must not hold a user name or password: leave them out of "https:\/\/host"/,
  ],
  [['status'], { HEURIST_WORKFLOW_URL: 'me:hush@host', HEURIST_API_KEY: 'a#b' }, /"host" is not an http\(s\) address/],
  [
    ['status'],
    { HEURIST_WORKFLOW_URL: 'http://me:hush@host', HEURIST_API_KEY: 'a#b' },
    /must not hold a user name or password/,
  ],
  [['keys', '--sequencer', 'https://me:hush@host', '--key', 'a#b', 'list'], {}, /must not hold a user name/],
  [['sequencer', '--public-url', 'https://me:hush@host'], {}, /argument 'host' is invalid.* without a user name/],
  [['run', 'upscaler', '--image', 'ftp://me:hush@host/x.png'], {}, /"ftp:\/\/host\/x\.png" is not an http/],
  [
    ['sequencer', '--artifacts', 'https://me:hush@minio/files'],
    {},
    /--artifacts "https:\/\/minio\/files" is an address/,
  ],
  [
    ['sequencer', '--artifacts', 's3://files'],
    { S3_ENDPOINT: 'http://me:hush@minio', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    /S3_ENDPOINT "http:\/\/minio" is not the address of a storage/,
  ],
  [['status'], { HTTP_PROXY: 'socks5://me:hush@host:1080' }, /HTTP_PROXY or HTTPS_PROXY is not the address/],
  [
    ['miner', 'check', '--comfyui', 'http://me:hush,hush@127.0.0.1:9'],
    {},
    /reach ComfyUI at http:\/\/127\.0\.0\.1:9\/\./,
  ],
  [['miner', 'http://me:hush@host'], {}, /unknown command|too many arguments/],
])('%j %j', async (args, env, message) => {
  const { code, stdout, stderr } = await runCli(args, { cwd, env });
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(stdout + stderr).not.toMatch(/hush|hu\/sh|me:/);
});

test('help shows no value of the environment', async () => {
  const env = { COMFYUI_URL: 'http://me:hush@host', HEURIST_SEQUENCER_URL: 'http://me:hush@host' };
  expect((await runCli(['miner', '--help'], { cwd, env })).stdout).not.toMatch(/hush/);
});

test('what is found behind a password is shown without it', async () => {
  const gateway = await startGateway('http://127.0.0.1:9', { authorization: 'Basic bWU6aHVzaA==' });
  const url = gateway.url.replace('//', '//me:hush@');
  const { stderr } = await runCli(['miner', 'check', '--comfyui', url], { cwd });
  // it was let in, and the ComfyUI behind is not there
  expect(gateway.asked).toContain('GET /system_stats');
  expect(stderr).toMatch(/Cannot reach ComfyUI at http:\/\/127/);
  await gateway.close();
});
