// What a browser loads first: bytes, caching and compression of the built page.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoServer, startServer } from '../server/start-server.ts';
import { buildPage } from './build-page.ts';

const webDir = mkdtempSync(join(tmpdir(), 'web-'));
let server: DemoServer;
beforeAll(async () => {
  await buildPage(webDir);
  server = await startServer({ workflowURL: 'http://127.0.0.1:9', apiKey: 'local#key', webDir });
}, 120_000);
afterAll(async () => {
  await server.close();
  rmSync(webDir, { recursive: true });
});

interface Reply {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** As it comes over the wire: `fetch` would unpack it. */
function get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asking = request(server.url + path, { headers, agent: false }, async (response) => {
      const body = Buffer.concat(await Array.fromAsync(response));
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    asking.on('error', reject).end();
  });
}
const scripts = () => readdirSync(join(webDir, 'assets')).filter((name) => name.endsWith('.js'));
const fileOf = (name: string) => readFileSync(join(webDir, name));

describe('compression', () => {
  test.each(['/', '/gallery', '/tasks/abc', '/robots.txt', '/icon.svg'])(
    '%s comes as brotli, gzip or plain',
    async (path) => {
      const plain = await get(path);
      const [brotli, gzip] = [
        await get(path, { 'accept-encoding': 'gzip, br' }),
        await get(path, { 'accept-encoding': 'gzip' }),
      ];
      expect([plain, brotli, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([
        undefined,
        'br',
        'gzip',
      ]);
      expect([brotli, gzip].map(({ headers }) => headers.vary)).toEqual(['Accept-Encoding', 'Accept-Encoding']);
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
      expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    },
  );

  test('every script has compressed copies, and no source of one is served', async () => {
    for (const name of scripts()) {
      const { headers, body } = await get(`/assets/${name}`, { 'accept-encoding': 'br' });
      expect(headers['content-encoding']).toBe('br');
      expect(brotliDecompressSync(body).equals(fileOf(`assets/${name}`))).toBe(true);
    }
  });

  test('the catalogue is compressed too, and not sent twice', async () => {
    const { headers, body } = await get('/api/catalogue', { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(String(gunzipSync(body)))).toHaveLength(8);
    const { etag } = headers;
    expect((await get('/api/catalogue', { 'if-none-match': String(etag) })).status).toBe(304);
  });
});

describe('caching', () => {
  test('files with a hash in their name are kept for a year', async () => {
    const { headers } = await get(`/assets/${scripts()[0]}`);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  test('the page is asked for each time, and sent when it has changed', async () => {
    for (const encoding of ['br', 'identity']) {
      const { headers } = await get('/', { 'accept-encoding': encoding });
      expect(headers['cache-control']).toBe('no-cache');
      const again = await get('/', { 'accept-encoding': encoding, 'if-none-match': String(headers.etag) });
      expect([again.status, again.body.length, again.headers['cache-control']]).toEqual([304, 0, 'no-cache']);
      expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200);
    }
  });
});

describe('what is not there', () => {
  test('an unknown path gets the page, which says so, with status 404', async () => {
    for (const path of ['/nowhere', '/make', '/gallery/x']) {
      const { status, headers, body } = await get(path);
      expect([path, status, headers['content-type'], headers['cache-control']]).toEqual([
        path,
        404,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(body.equals(fileOf('page.html'))).toBe(true);
    }
  });

  test('a file of an older build is not the page', async () => {
    for (const path of ['/assets/index-gone.js', '/favicon.ico', '/assets/../../server.js']) {
      const { status, body } = await get(path);
      expect([path, status]).toEqual([path, 404]);
      expect(String(body)).toContain('<a href="/">');
      expect(String(body)).not.toContain('id="root"');
    }
  });
});

test('robots.txt has rules and nothing else', async () => {
  const { headers, body } = await get('/robots.txt');
  expect(headers['content-type']).toMatch(/^text\/plain/);
  const lines = String(body).split('\n').filter(Boolean);
  expect(lines[0]).toBe('User-agent: *');
  for (const line of lines) expect(line).toMatch(/^(User-agent|Allow|Disallow): \S+$/);
});

describe('the first load', () => {
  test('nothing blocks the first picture: the style sheet is inside, the script is a module', async () => {
    const html = String((await get('/')).body);
    expect(html).not.toMatch(/<link[^>]*stylesheet/);
    expect(html).not.toMatch(/<script(?![^>]*type="module")/);
    expect(html).toContain('<style>');
  });

  test('only used rules are there', () => {
    const assets = readdirSync(join(webDir, 'assets'));
    const styles = assets.filter((name) => name.endsWith('.css')).map((name) => String(fileOf(`assets/${name}`)));
    const html = String(fileOf('index.html'));
    const [, inside = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const all = [html.replace(inside, ''), ...scripts().map((name) => String(fileOf(`assets/${name}`)))].join();
    const classes = new Set([inside, ...styles].join().match(/(?<=\.)[a-z][\w-]*(?=[^{}"]*\{)/g));
    expect(classes.size).toBeGreaterThan(100);
    expect([...classes].filter((name) => !all.includes(name))).toEqual([]);
  });

  test('the first page is in the HTML: what to type in, what to press, what was made; the others have its frame', () => {
    const first = String(fileOf('index.html'));
    for (const part of ['<textarea', 'a hamburger', '/samples/', 'What do you want to make?'])
      expect(first).toContain(part);
    const frame = String(fileOf('page.html'));
    expect(frame).toContain('Heurist Studio</span>');
    expect(frame).not.toContain('What do you want to make?');
  });

  test('the page and its styles are at most 20 kB, compressed', async () => {
    const { body } = await get('/', { 'accept-encoding': 'br' });
    expect(body.length).toBeLessThanOrEqual(20_000);
  });
});

test('the security headers are on every answer', async () => {
  for (const path of ['/', '/nowhere', `/assets/${scripts()[0]}`, '/favicon.ico', '/robots.txt']) {
    const { headers } = await get(path);
    expect([path, headers['content-security-policy']]).toEqual([path, expect.stringContaining("default-src 'self'")]);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});
