// What a browser loads first: bytes, caching and compression of the built page.
import { createHash } from 'node:crypto';
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
  test.each(['/', '/make/text2image', '/tasks/abc', '/robots.txt', '/icon.svg'])(
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

/** Paths of which the HTML has the whole page, and words that it begins with. */
const whole = {
  '/': 'What do you want to make?',
  '/make/text2image': 'Describe a picture in words',
  '/make/upscaler': 'Makes a picture larger',
  '/gallery': 'Everything that you create is kept here',
  '/chains': 'A chain runs several tasks in a row',
  '/network': 'Who runs what',
  '/your-workflow': 'Bring the ComfyUI file that you have',
};
const pageAt = async (path: string) => String((await get(path)).body);
const laterIn = (html: string) => /<template id="later">(.*?)<\/template>/.exec(html)?.[1] ?? '';

describe('the first load', () => {
  test.each([...Object.keys(whole), '/tasks/abc'])(
    'nothing shares the line with the HTML of %s but pictures: styles are inside, scripts come later',
    async (path) => {
      const html = await pageAt(path);
      const later = laterIn(html);
      expect(later).toMatch(/<script type="module" [^>]*src="\/assets\/index-/);
      expect(later).toContain('href="/api/catalogue"');
      expect(html).toContain('<style>');
      expect(html.replace(later, '')).not.toMatch(/<script[^>]* src|modulepreload|stylesheet|as="(?!image)/);
    },
  );

  test('a page names all its scripts at once: none is found only by running another', async () => {
    for (const [path, script] of Object.entries({
      '/make/text2image': 'make-page-',
      '/tasks/abc': 'task-page-',
      '/chains/abc': 'chains-page-',
    })) {
      const later = laterIn(await pageAt(path));
      const named = new Set([...later.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, name]) => name));
      const [page] = scripts().filter((name) => name.startsWith(script));
      const imported = [...String(fileOf(`assets/${page}`)).matchAll(/from"\.\/([^"]+)"/g)].map(([, name]) => name);
      expect(imported.length).toBeGreaterThan(2);
      expect([page, ...imported].filter((name) => !named.has(name))).toEqual([]);
    }
  });

  test('the scripts inside the HTML are allowed by their hashes, and no others', async () => {
    for (const path of ['/', '/gallery', '/tasks/abc', '/nowhere']) {
      const { headers, body } = await get(path);
      const inside = [...String(body).matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script!);
      const hashes = inside.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
      expect(hashes).toHaveLength(2);
      expect(headers['content-security-policy']).toContain(`script-src 'self' ${hashes.join(' ')};`);
    }
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

  test('a page is in its HTML; one with an id in its path has the room for what it shows', async () => {
    for (const [path, words] of Object.entries(whole)) expect(await pageAt(path)).toContain(words);
    for (const part of ['<textarea', 'a hamburger', '/samples/']) expect(await pageAt('/')).toContain(part);
    for (const part of ['>Model</label>', '<textarea', 'Generate'])
      expect(await pageAt('/make/text2image')).toContain(part);
    for (const [path, part] of Object.entries({
      '/tasks/abc': '<div class="canvas">',
      '/chains/abc': 'All chains',
      '/nowhere': 'There is nothing at this address.',
    })) {
      const room = await pageAt(path);
      for (const expected of ['Heurist Studio</span>', part]) expect(room).toContain(expected);
      for (const words of Object.values(whole)) expect(room).not.toContain(words);
    }
  });

  test('nothing is said to be empty before the browser has said what it remembers', async () => {
    for (const path of Object.keys(whole)) expect(await pageAt(path)).not.toMatch(/Nothing here yet|will appear here/);
  });

  test('a page and its styles come in one round trip: ten packets, compressed', async () => {
    for (const path of Object.keys(whole)) {
      const { body } = await get(path, { 'accept-encoding': 'br' });
      expect(body.length).toBeLessThanOrEqual(10 * 1400);
    }
  });
});

test('nothing of Node is asked for in a browser', () => {
  for (const name of scripts())
    expect(String(fileOf(`assets/${name}`))).not.toMatch(/__vite-browser-external|from"node:/);
});

test('the security headers are on every answer', async () => {
  for (const path of ['/', '/nowhere', `/assets/${scripts()[0]}`, '/favicon.ico', '/robots.txt']) {
    const { headers } = await get(path);
    expect([path, headers['content-security-policy']]).toEqual([path, expect.stringContaining("default-src 'self'")]);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});
