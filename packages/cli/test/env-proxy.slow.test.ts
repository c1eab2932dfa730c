// HTTP_PROXY and HTTPS_PROXY serve the way to the sequencer, its storage and ComfyUI, without more settings; this machine is never
// reached through them.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '@heurist/server-kit/listen';
import { type EnvProxy, startEnvProxy } from '@heurist/test-servers/env-proxy';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

let proxy: EnvProxy;
beforeAll(async () => {
  proxy = await startEnvProxy();
});
beforeEach(() => {
  proxy.asked.length = 0;
});
afterAll(() => proxy.close());

async function heurist(args: string[], env: Record<string, string>): Promise<string> {
  const main = join(import.meta.dirname, '../src/main.ts');
  const clean = { HTTP_PROXY: '', http_proxy: '', HTTPS_PROXY: '', https_proxy: '', NO_PROXY: '', no_proxy: '' };
  const options = { env: { ...process.env, ...clean, NODE_USE_ENV_PROXY: '', ...env } };
  const run = promisify(execFile)(process.execPath, ['--conditions=@heurist/source', main, ...args], options);
  return await run.then(
    ({ stdout }) => stdout,
    ({ stderr }) => stderr,
  );
}

const sequencer = { HEURIST_API_KEY: 'a#b', HEURIST_WORKFLOW_URL: 'https://sequencer.invalid' };

test.each([{}, { NODE_USE_ENV_PROXY: '1' }])(
  'the sequencer is reached through the proxy, with %o too',
  async (more) => {
    const said = await heurist(['status'], { ...sequencer, HTTPS_PROXY: proxy.url, ...more });
    expect(said).toMatch(
      /HTTPS_PROXY is set: requests go through that proxy, unless NO_PROXY names sequencer\.invalid\.\n$/,
    );
    expect(proxy.asked).toContain('sequencer.invalid:443');
  },
);

test('not where NO_PROXY names it', async () => {
  const said = await heurist(['status'], { ...sequencer, https_proxy: proxy.url, NO_PROXY: '.invalid' });
  expect(said).toMatch(/sequencer\.invalid/);
  expect(proxy.asked).toEqual([]);
});

test.each([{}, { NODE_USE_ENV_PROXY: '1' }])(
  'a ComfyUI on this machine is asked directly, with %o too',
  async (more) => {
    // by IPv6 and by IPv4
    const comfyui = createServer((_, response) => response.writeHead(404).end());
    const { port } = new URL(await listen(comfyui, 0, '::'));
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const args = ['miner', 'check', '--comfyui', `http://${host}:${port}`];
      // it was reached: the proxy would have answered 200 or 502
      expect(await heurist(args, { HTTP_PROXY: proxy.url, ...more })).toContain('returned status 404');
    }
    expect(proxy.asked).toEqual([]);
    comfyui.close();
  },
);
