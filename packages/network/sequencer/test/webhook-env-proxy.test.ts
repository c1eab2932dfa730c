// NODE_USE_ENV_PROXY sends every request through a proxy, which resolves names by itself and may see what only it can reach.
import { join } from 'node:path';
import { startEnvProxy } from '@heurist/test-servers/env-proxy';
import { expect, test } from 'vitest';

test('webhooks are resolved and checked here, and reach public addresses through the proxy', async () => {
  const proxy = await startEnvProxy();
  const file = JSON.stringify(join(import.meta.dirname, '../src/tasks/webhooks/post-webhook.ts'));
  const code = `const { postWebhook } = await import(${file});
    const options = { headers: { 'webhook-id': 'x' }, timeoutMs: 5000, signal: new AbortController().signal };
    for (const address of ['http://localhost:80/hook', 'http://127.0.0.1/hook', 'http://8.8.8.8/hook'])
      console.log(await postWebhook(address, '{}', options).then(() => 'sent', (error) => error.message));
    process.exit();`;
  const lines = (await proxy.run(code, join(import.meta.dirname, '..'))).split('\n');
  expect(lines).toEqual([expect.stringContaining('not a public'), expect.stringContaining('not a public'), 'sent']);
  expect(proxy.asked).toEqual(['http://8.8.8.8/hook']);
  await proxy.close();
});

test('names that cannot be resolved here are left to the proxy only if the operator says so', async () => {
  const proxy = await startEnvProxy();
  const file = JSON.stringify(join(import.meta.dirname, '../src/tasks/webhooks/post-webhook.ts'));
  const code = `const { postWebhook } = await import(${file});
    for (const proxyResolves of [false, true])
      for (const address of ['http://no-such-host.invalid/hook', 'http://localhost/hook', 'http://db.internal/hook']) {
        const options = { headers: {}, proxyResolves, timeoutMs: 20000, signal: new AbortController().signal };
        console.log(await postWebhook(address, '{}', options).then(() => 'sent', (error) => error.message));
      }
    process.exit();`;
  const lines = (await proxy.run(code, join(import.meta.dirname, '..'))).split('\n');
  const unresolved = expect.stringMatching(/ENOTFOUND|EAI_AGAIN/);
  const hidden = expect.stringContaining('not a public');
  expect(lines).toEqual([unresolved, hidden, hidden, 'sent', hidden, hidden]);
  expect(proxy.asked).toEqual(['http://no-such-host.invalid/hook']);
  await proxy.close();
});
