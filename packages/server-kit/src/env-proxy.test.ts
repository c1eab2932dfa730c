// Which requests go around the proxy, by each of Node's clients: in a process of its own, since the setting is the whole process's.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { proxyUrl } from './env-proxy.ts';

const module = JSON.stringify(new URL('./env-proxy.ts', import.meta.url).pathname);

/** `NO_PROXY`, an address, and whether it is reached directly. */
const rows: [string, string, boolean][] = [
  ['', 'http://a.example.com/', false],
  ['*', 'http://a.example.com/', true],
  ['example.com', 'http://example.com/', true],
  ['example.com', 'http://a.example.com/', true],
  ['example.com', 'http://notexample.com/', false],
  ['.example.com', 'http://example.com/', true],
  ['.example.com', 'http://a.example.com/', true],
  ['*.example.com', 'http://a.example.com/', true],
  ['EXAMPLE.com', 'http://a.example.COM/', true],
  ['a.example.com:80', 'http://a.example.com/', true],
  ['a.example.com:81', 'http://a.example.com/', false],
  ['other.example, a.example.com', 'http://a.example.com/', true],
  ['other.example a.example.com', 'http://a.example.com/', true],
  ['192.0.2.1', 'http://192.0.2.1/', true],
  ['192.0.2.1', 'http://192.0.2.11/', false],
  ['2001:db8::1', 'http://[2001:db8::1]/', true],
  ['[2001:db8::1]', 'http://[2001:db8::1]/', true],
  ['[2001:db8::1]:80', 'http://[2001:db8::1]/', true],
  ['[2001:db8::1]:81', 'http://[2001:db8::1]/', false],
  ['2001:db8::1', 'http://[2001:db8::2]/', false],
];

test('NO_PROXY, by fetch and by node:http', async () => {
  const code = `import http from 'node:http';
    const { useEnvProxy } = await import(${module});
    let asked = 0;
    const proxy = http.createServer((_, response) => { asked++; response.end(); });
    // how fetch passes its requests
    proxy.on('connect', (_, socket) => { asked++; socket.on('error', () => {}); socket.end('HTTP/1.1 502 No\\r\\n\\r\\n'); });
    await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const http_proxy = 'http://127.0.0.1:' + proxy.address().port;
    const outcome = async (request) => {
      asked = 0;
      await Promise.race([request().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 300))]);
      return asked === 0;
    };
    const found = [];
    for (const [NO_PROXY, url] of ${JSON.stringify(rows)}) {
      useEnvProxy({ http_proxy, NO_PROXY });
      const byFetch = await outcome(() => fetch(url));
      const byHttp = await outcome(() => new Promise((resolve, reject) => {
        http.get(url, resolve).on('error', reject);
      }));
      found.push([NO_PROXY, url, byFetch, byHttp]);
    }
    console.log(JSON.stringify(found));
    process.exit();`;
  const args = ['--conditions=@heurist/source', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual(rows.map(([noProxy, url, isDirect]) => [noProxy, url, isDirect, isDirect]));
});

test.each([
  ['http://proxy.example.com:3128', 'http://proxy.example.com:3128'],
  ['https://me:hush@proxy.example.com', 'https://me:hush@proxy.example.com'],
  ['proxy.example.com:3128', 'http://proxy.example.com:3128'],
  ['10.0.0.7:3128', 'http://10.0.0.7:3128'],
  ['[fd00::7]:3128', 'http://[fd00::7]:3128'],
  ['localhost:3128', 'http://localhost:3128'],
  ['', undefined],
])('the proxy "%s" is %s', (text, url) => {
  expect(proxyUrl(text)).toBe(url);
});

test.each(['nonsense', 'socks5://proxy.example.com:1080', 'socks5h://10.0.0.7:1080', 'ftp://proxy.example.com'])(
  '%s is no proxy: node:http would go around it',
  (text) => {
    expect(() => proxyUrl(text)).toThrow(TypeError);
  },
);
