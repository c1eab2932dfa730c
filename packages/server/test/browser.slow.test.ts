// What users have: a page in Chromium, the server of its app, and a sequencer at another origin.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import { launchBrowser } from '@heurist/test-servers/browser';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHandler, type Handler } from '../src/index.ts';
import { type Network, startNetwork } from './support/network.ts';
import type { EchoPage } from './support/page.ts';

declare const echoPage: EchoPage;

const browser = await launchBrowser();

/** The scripts of the page by their names, made from the sources. */
async function bundlePage(): Promise<Map<string, string>> {
  const entry = join(import.meta.dirname, 'support/page.ts');
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@heurist/source', 'module', 'browser'] },
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'page' } },
  });
  const [bundle] = [built].flat();
  if (!bundle || !('output' in bundle)) throw new Error('the page was not built');
  return new Map(bundle.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])));
}

describe.skipIf(!browser)('in Chromium', () => {
  let server: Server;
  let origin: string;
  let network: Network;
  let handler: Handler;

  beforeAll(async () => {
    const scripts = await bundlePage();
    const app = new Hono();
    app.all('/api/heurist/*', (c) => handler(c.req.raw));
    app.get('/:name{.+\\.js}', (c) =>
      c.body(scripts.get(c.req.param('name')) ?? '', 200, { 'content-type': 'text/javascript' }),
    );
    app.get('/', (c) => c.html('<!doctype html><title>app</title><script type="module" src="/page.js"></script>'));
    server = createAdaptorServer({ fetch: app.fetch }) as Server;
    origin = await listen(server, 0, '127.0.0.1');
    network = await startNetwork([origin]);
    const authorize = () => ({ user_id: 'ada', task_types: ['echo'], max_tasks: 2, max_files: 1 });
    handler = createHandler({ authorize, apiKey: network.apiKey, workflowURL: network.url });
  });
  afterAll(async () => {
    await browser?.close();
    await network?.stop();
    server?.closeAllConnections();
    server?.close();
    if (server) await once(server, 'close');
  });

  async function open(url: string) {
    const page = await browser!.newPage();
    await page.goto(url);
    await page.waitForFunction(() => 'echoPage' in globalThis);
    return page;
  }
  const expected = {
    seen: expect.arrayContaining(['waiting', 'finished']),
    output: 'result',
    uploaded: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    canceled: 'canceled',
  };

  test('a page with a session token calls the sequencer itself, until its session is used up', async () => {
    const page = await open(origin);
    const token = await page.evaluate(() => echoPage.signIn());
    const use = (args: [string, string]) => page.evaluate(([key, url]) => echoPage.use(key, url), args);
    const [report] = await Promise.all([use([token, network.url]), network.work()]);
    expect(report).toEqual(expected);
    await expect(use([token, network.url])).rejects.toThrow('has submitted all of its 2 tasks');
    await page.close();
  });

  test('20 waits in one page, over HTTP/1.1, delay nothing', async () => {
    const page = await open(origin);
    const session = { task_types: ['echo'], max_tasks: 20 };
    const { json } = await network.call('session_create', session, network.apiKey);
    const seen = page.evaluate(([key, url, count]) => echoPage.waitForMany(key, url, count), [
      json.session_token,
      network.url,
      20,
    ] as [string, string, number]);
    const ended = new Map<string, number>();
    for (let count = 0; count < 20; count++) {
      const { task_id, at } = await network.work();
      ended.set(task_id, at);
    }
    const delays = (await seen).map(({ task_id, at }) => at - (ended.get(task_id) ?? Number.NaN));
    expect(delays).toHaveLength(20);
    // a browser has six connections to a host: a stream for each wait would hold up the next ones for seconds
    expect(Math.max(...delays)).toBeLessThan(1000);
    await page.close();
  });

  test('a page of another origin cannot, whatever token it has', async () => {
    const page = await open(origin.replace('127.0.0.1', 'localhost'));
    const token = await page.evaluate(() => echoPage.signIn());
    const isAnswered = await page.evaluate(
      async ([key, url]) => {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
        const init = { method: 'POST', headers, body: '{"task_type":"echo","task_details":{"text":"hi"}}' };
        return await fetch(`${url}/task_create`, init).then(
          () => true,
          () => false,
        );
      },
      [token, network.url],
    );
    expect(isAnswered).toBe(false);
    await page.close();
  });

  test('a page without a token calls through the server of its app, from any origin of it', async () => {
    const other = origin.replace('127.0.0.1', 'localhost');
    const page = await open(other);
    const [report] = await Promise.all([
      page.evaluate((url) => echoPage.use('page#none', url), `${other}/api/heurist`),
      network.work(),
    ]);
    expect(report).toEqual(expected);
    await page.close();
  });
});
