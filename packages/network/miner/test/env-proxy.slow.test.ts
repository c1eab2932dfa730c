// NODE_USE_ENV_PROXY sends every request through a proxy, which resolves names by itself and may see what only it can reach.
import { join } from 'node:path';
import { type EnvProxy, startEnvProxy } from '@heurist/test-servers/env-proxy';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

let proxy: EnvProxy;
beforeAll(async () => {
  const picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  proxy = await startEnvProxy(picture);
});
beforeEach(() => {
  proxy.asked.length = 0;
});
afterAll(() => proxy.close());

/** Fetches an input in a process that uses the proxy. Resolves with its media type, or with the message of the error. */
async function fetchBehindProxy(address: string, proxyResolves = false, setup = ''): Promise<string> {
  const file = JSON.stringify(join(import.meta.dirname, '../src/input/fetch-input.ts'));
  const code = `const { fetchInput } = await import(${file});
    ${setup}
    const policy = { sequencerUrl: 'http://127.0.0.1:1', proxyResolves: ${proxyResolves} };
    const rule = { kind: 'image', max_bytes: 1e6 };
    const fetched = fetchInput(${JSON.stringify(address)}, rule, policy, new AbortController().signal);
    console.log(await fetched.then((file) => file.contentType, (error) => error.message));
    process.exit();`;
  return await proxy.run(code, join(import.meta.dirname, '..'));
}

test.each([
  ['http://localhost:80/x', /not a public address/],
  ['http://inside.localhost/x', /not a public address|ENOTFOUND|EAI_AGAIN/],
  ['http://127.0.0.1/x', /not a public address/],
  ['http://no-such-host.invalid/x', /ENOTFOUND|EAI_AGAIN/],
])('%s is resolved and refused here: the proxy is not asked', async (address, message) => {
  expect(await fetchBehindProxy(address)).toMatch(message);
  expect(proxy.asked).toEqual([]);
});

test('a public address is reached through the proxy', async () => {
  expect(await fetchBehindProxy('http://8.8.8.8/x')).toBe('image/png');
  expect(proxy.asked).toEqual(['http://8.8.8.8/x']);
});

describe('where the operator leaves names to the proxy', () => {
  test('a name that cannot be resolved here reaches it', async () => {
    expect(await fetchBehindProxy('http://no-such-host.invalid/x', true)).toBe('image/png');
    expect(proxy.asked).toEqual(['http://no-such-host.invalid/x']);
  });

  test('a public address is still asked for as such', async () => {
    expect(await fetchBehindProxy('http://8.8.8.8/x', true)).toBe('image/png');
    expect(proxy.asked).toEqual(['http://8.8.8.8/x']);
  });

  test.each([
    'http://localhost/x',
    'http://localhost./x',
    'http://inside.localhost/x',
    'http://127.0.0.1/x',
    'http://[::1]/x',
    'http://169.254.169.254/x',
    'http://intranet/x',
    'http://db.internal/x',
    'http://printer.local./x',
  ])('%s is refused all the same: what is known to be hidden stays hidden', async (address) => {
    expect(await fetchBehindProxy(address, true)).toMatch(/not a public address/);
    expect(proxy.asked).toEqual([]);
  });

  test('what goes around the proxy is resolved here, or not at all', async () => {
    const around = `(await import('node:http')).default.setGlobalProxyFromEnv({ http_proxy: '${proxy.url}', no_proxy: '.invalid' });`;
    expect(await fetchBehindProxy('http://no-such-host.invalid/x', true, around)).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(proxy.asked).toEqual([]);
  });
});
