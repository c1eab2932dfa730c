// NODE_USE_ENV_PROXY sends every request through a proxy, which resolves names by itself and may see what only it can reach.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '@heurist/server-kit/listen';
import { expect, test } from 'vitest';

test('webhooks are resolved and checked here, and reach public addresses through the proxy', async () => {
  const asked: string[] = [];
  const proxy = createServer(({ url }, response) => {
    asked.push(`${url}`);
    response.end();
  });
  const proxyUrl = await listen(proxy, 0, '127.0.0.1');
  const file = JSON.stringify(join(import.meta.dirname, '../src/tasks/webhooks/post-webhook.ts'));
  const code = `const { postWebhook } = await import(${file});
    const options = { headers: { 'webhook-id': 'x' }, allowPrivate: false, timeoutMs: 5000, signal: new AbortController().signal };
    for (const address of ['http://localhost:80/hook', 'http://127.0.0.1/hook', 'http://8.8.8.8/hook'])
      console.log(await postWebhook(address, '{}', options).then(() => 'sent', (error) => error.message));
    process.exit();`;
  const env = {
    ...process.env,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: proxyUrl,
    http_proxy: proxyUrl,
    NO_PROXY: '',
    no_proxy: '',
  };
  const args = ['--conditions=@heurist/source', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: join(import.meta.dirname, '..') });
  const lines = stdout.trim().split('\n');
  expect(lines).toEqual([expect.stringContaining('not a public'), expect.stringContaining('not a public'), 'sent']);
  expect(asked).toEqual(['http://8.8.8.8/hook']);
  proxy.close();
});
