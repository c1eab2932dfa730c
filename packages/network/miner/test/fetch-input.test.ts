import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchInput } from '../src/fetch-input.ts';

const png = Buffer.from('89504e470d0a1a0a00000000', 'hex');
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/picture') response.end(png);
    else if (path === '/renamed.png') response.end('just text');
    else if (path === '/empty') response.end();
    else if (path === '/endless') {
      const timer = setInterval(() => response.write(Buffer.alloc(64_000)), 1);
      response.on('close', () => clearInterval(timer));
    } else if (path === '/cut') {
      response.writeHead(200, { 'content-length': '5000' });
      response.write(png);
      setTimeout(() => response.destroy(), 50);
    } else if (path.startsWith('/to/')) response.writeHead(302, { location: decodeURIComponent(path.slice(4)) }).end();
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (path !== '/hang') response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const rule = { kind: 'image' as const, max_bytes: 1_000_000 };
const never = new AbortController().signal;
const closed = { sequencerUrl: 'http://127.0.0.1:1', allowPrivateInputs: true };
const open = { sequencerUrl: 'http://127.0.0.1:1', allowPrivateInputs: false };

test('a picture is taken by its bytes', async () => {
  expect(await fetchInput(`${origin}/picture`, rule, closed, never)).toMatchObject({ contentType: 'image/png' });
  const redirect = `${origin}/to/${encodeURIComponent('/picture')}`;
  expect(await fetchInput(redirect, rule, closed, never)).toMatchObject({ contentType: 'image/png' });
});

describe('bad files end with a code and the mend', () => {
  test.each([
    ['/renamed.png', 'input_invalid', /no image.*PNG, JPEG or WebP/],
    ['/empty', 'input_invalid', /empty \(0 bytes\)/],
    ['/endless', 'input_too_large', /larger than 1 MB/],
    ['/cut', 'input_unreachable', /uploadFile/],
    ['/nothing', 'input_unreachable', /404/],
    ['/loop', 'input_unreachable', /302/],
  ])('%s', async (path, code, message) => {
    const error = await fetchInput(`${origin}${path}`, rule, closed, never).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each(['http://127.0.0.1:9/x', 'http://no-such-host.invalid/x', 'nonsense'])(
    '%s cannot be reached',
    async (address) => {
      await expect(fetchInput(address, rule, closed, never)).rejects.toMatchObject({ code: 'input_unreachable' });
    },
  );
});

describe('only the public internet', () => {
  test.each([
    'http://127.0.0.1:80/x',
    'http://localhost:80/x',
    'http://[::1]/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://0x7f000001/x',
    'http://2130706433/x',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/x',
    'file:///etc/passwd',
    'ftp://example.com/x',
    'gopher://127.0.0.1/x',
  ])('%s is refused', async (address) => {
    await expect(fetchInput(address, rule, open, never)).rejects.toMatchObject({ code: 'input_unreachable' });
  });

  test("the sequencer's own files are fetched wherever it is", async () => {
    const policy = { sequencerUrl: origin, allowPrivateInputs: false };
    expect(await fetchInput(`${origin}/picture`, rule, policy, never)).toMatchObject({ contentType: 'image/png' });
  });

  test('but a redirect from there leads nowhere else', async () => {
    const policy = { sequencerUrl: origin, allowPrivateInputs: false };
    const redirect = `${origin}/to/${encodeURIComponent('http://127.0.0.1:9/x')}`;
    await expect(fetchInput(redirect, rule, policy, never)).rejects.toThrow('no public address');
  });
});

test('abort ends it at once', async () => {
  const start = Date.now();
  await expect(fetchInput(`${origin}/hang`, rule, closed, AbortSignal.timeout(200))).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(Date.now() - start).toBeLessThan(2000);
});
