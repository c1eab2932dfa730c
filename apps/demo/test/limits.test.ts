// How much a visitor may ask of the server, and how long it waits for the network. The network here is a stub that
// answers, is silent or counts; what a real one says is in server.test.ts.
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import sharp from 'sharp';
import { afterEach, expect, test } from 'vitest';
import { checkNetwork } from '../server/check-network.ts';
import { type DemoLimits, defaultLimits } from '../server/limits.ts';
import { readSettings } from '../server/settings.ts';
import { startServer } from '../server/start-server.ts';
import { Proxies } from '../server/visitors/proxies.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A network that answers every call in one way. */
async function startNetwork(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return await listen(server, 0, '127.0.0.1');
}
const nothing: RequestListener = (_, response) =>
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such call"}');

async function start(limits: Partial<DemoLimits>, network: RequestListener = nothing): Promise<string> {
  const workflowURL = await startNetwork(network);
  const server = await startServer({ workflowURL, apiKey: 'local#key', webDir: '.', limits });
  closers.push(() => server.close());
  return server.url;
}

async function read(response: Response) {
  return { status: response.status, body: (await response.json()) as { code: string; message: string } };
}
const submit = (url: string, body = '{}') =>
  fetch(`${url}/api/tasks`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
const upload = (url: string, body: Uint8Array<ArrayBuffer> = new Uint8Array(1)) =>
  fetch(`${url}/api/files`, { method: 'POST', body, headers: { 'content-type': 'image/png' } });

test('submits and uploads are counted, each for itself; too many are refused until the window is over', async () => {
  const url = await start({ tasks: 2, files: 1, windowMs: 60_000 });
  for (const status of [400, 400, 429]) expect((await submit(url)).status).toBe(status);
  for (const status of [400, 429]) expect((await upload(url)).status).toBe(status);
  const refused = await submit(url);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
  expect((await read(refused)).body).toEqual({
    code: 'rate_limited',
    message: 'Too many requests: at most 2 every 60 seconds. Wait a moment, then try again.',
  });
  // looking is not counted
  expect((await fetch(`${url}/api/network`)).status).toBe(200);
});

// only Linux has more than one loopback address without being asked
test.skipIf(process.platform !== 'linux')('each address is counted for itself', async () => {
  const url = await start({ tasks: 1 });
  const statusFrom = (localAddress: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const call = request(`${url}/api/tasks`, { method: 'POST', headers, localAddress }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', reject);
      call.end('{}');
    });
  expect(await statusFrom('127.0.0.1')).toBe(400);
  expect(await statusFrom('127.0.0.1')).toBe(429);
  expect(await statusFrom('127.0.0.2')).toBe(400);
});

test('a new window begins', async () => {
  const url = await start({ tasks: 1, windowMs: 200 });
  expect((await submit(url)).status).toBe(400);
  expect((await submit(url)).status).toBe(429);
  await expect.poll(async () => (await submit(url)).status).toBe(400);
});

test('a submit has a largest size', async () => {
  const url = await start({ jsonBytes: 1000 });
  expect((await submit(url, `"${'x'.repeat(998)}"`)).status).toBe(400);
  expect(await read(await submit(url, `"${'x'.repeat(999)}"`))).toEqual({
    status: 413,
    body: { code: 'payload_too_large', message: 'The request is too large: the limit is 1 kB.' },
  });
});

test('an upload has a largest size', async () => {
  const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  // what the limit lets through reaches the network, which has no such call
  const url = await start({ uploadBytes: image.length });
  expect((await upload(url, new Uint8Array(image))).status).toBe(404);
  expect(await read(await upload(url, new Uint8Array([...image, 0])))).toEqual({
    status: 413,
    body: {
      code: 'payload_too_large',
      message: expect.stringMatching(
        /^The file is too large: the limit is 0\.\d+ kB\. Save it as JPEG or WebP, or make it smaller\.$/,
      ),
    },
  });
});

test('a network that is silent is given up', async () => {
  const url = await start({ networkTimeoutMs: 50 }, () => {});
  expect(await read(await fetch(`${url}/api/network`))).toEqual({
    status: 503,
    body: { code: 'unavailable', message: 'The network is not responding.' },
  });
});

test('pages that ask at the same time share one answer, for a while', async () => {
  let calls = 0;
  const counting: RequestListener = (request, response) => {
    calls++;
    nothing(request, response);
  };
  const patient = await start({ networkFreshMs: 60_000 }, counting);
  const ask = (url: string) => fetch(`${url}/api/network`);
  await Promise.all([ask(patient), ask(patient)]);
  await ask(patient);
  expect(calls).toBe(1);
  const hasty = await start({ networkFreshMs: 20 }, counting);
  await ask(hasty);
  await expect.poll(async () => (await ask(hasty)) && calls).toBeGreaterThan(2);
});

test('the defaults', () => {
  expect(defaultLimits).toMatchInlineSnapshot(`
    {
      "files": 60,
      "followedTasks": 50,
      "jsonBytes": 100000,
      "keepAliveMs": 15000,
      "networkFreshMs": 1000,
      "networkTimeoutMs": 4000,
      "picturePixels": 67108864,
      "signIns": 20,
      "streamMs": 3600000,
      "submitTimeoutMs": 15000,
      "tasks": 60,
      "uploadBytes": 50000000,
      "windowMs": 60000,
    }
  `);
});

test('a wrong key or address is reported at the start; a network that is down is not', async () => {
  const answer =
    (status: number): RequestListener =>
    (_, response) =>
      void response.writeHead(status).end('{}');
  await expect(checkNetwork(await startNetwork(answer(401)), 'local#key')).rejects.toMatchObject({
    code: 'unauthorized',
  });
  await checkNetwork(await startNetwork(answer(404)), 'local#key');
  await checkNetwork('http://127.0.0.1:9', 'local#key', 200);
  await checkNetwork(await startNetwork(() => {}), 'local#key', 50);
});

test('the settings of the environment', () => {
  expect(readSettings({})).toEqual({
    workflowURL: undefined,
    apiKey: '',
    port: 8080,
    host: '127.0.0.1',
    hostNames: [],
    publicURL: undefined,
    visitors: { by: 'nothing' },
    trustedProxies: [],
  });
  const environment = {
    HEURIST_WORKFLOW_URL: 'http://x',
    HEURIST_API_KEY: 'a#b',
    PORT: '0',
    HOST: '0.0.0.0',
    HOST_NAMES: 'a.example, b',
    PUBLIC_WORKFLOW_URL: 'https://tasks.example',
    VISITOR_HEADER: 'X-Forwarded-User',
    TRUST_PROXY: '10.0.0.7, fd00::/8',
  };
  expect(readSettings(environment)).toEqual({
    workflowURL: 'http://x',
    apiKey: 'a#b',
    port: 0,
    host: '0.0.0.0',
    hostNames: ['a.example', 'b'],
    publicURL: 'https://tasks.example',
    visitors: { by: 'header', header: 'X-Forwarded-User' },
    trustedProxies: ['10.0.0.7', 'fd00::/8'],
  });
  expect(readSettings({ SIGN_IN: 'key' }).visitors).toEqual({ by: 'key' });
  for (const PORT of ['http', '', '-1', '65536', '80.5'])
    expect(() => readSettings({ PORT })).toThrow(
      `\`PORT\` must be a number from 0 to 65535 (got "${PORT}"). Use 0 for any free port.`,
    );
});

test.each([
  [{ SIGN_IN: 'yes' }, '`SIGN_IN` can only be "key" (got "yes").'],
  [
    { SIGN_IN: 'key', VISITOR_HEADER: 'X-User', TRUST_PROXY: '::1' },
    'Set `SIGN_IN` or `VISITOR_HEADER`, not both: visitors sign in here, or at the proxy in front.',
  ],
  [
    { VISITOR_HEADER: 'X-User' },
    '`VISITOR_HEADER` needs `TRUST_PROXY`, the address of your proxy: anybody can send a header.',
  ],
  [
    { VISITOR_HEADER: 'X User', TRUST_PROXY: '::1' },
    '`VISITOR_HEADER` must be the name of a header, such as X-Forwarded-User (got "X User").',
  ],
])('settings that cannot work: %j', (environment, message) => {
  expect(() => readSettings(environment)).toThrow(message);
});

test.each(['proxy.example.com', '10.0.0.0/33', '*', '10.0.0.7:80'])('%s is not the address of a proxy', (address) => {
  expect(() => new Proxies([address])).toThrow(`(got "${address}")`);
});
