import type { LookupAddress, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { anyOf, PrivateHostsError, parsePrivateHosts } from './private-hosts.ts';
import { createLookup, isHidden } from './public-address.ts';

const hosts = parsePrivateHosts([
  '10.0.0.0/8',
  '192.168.1.7',
  '172.20.0.0/16:9000',
  'fd00::/8',
  '[fe80::7]:80',
  'storage.internal',
  '*.lan',
  '.example.corp',
  'App.Internal:3000',
]);

test.each([
  'http://10.1.2.3/',
  'http://[::ffff:10.1.2.3]/',
  'http://192.168.1.7:8080/',
  'http://172.20.1.1:9000/',
  'http://[fd12::1]/',
  'http://[fe80::7]/',
  'http://storage.internal/',
  'http://STORAGE.internal.:81/',
  'http://files.lan/',
  'http://a.b.lan/',
  'http://x.example.corp/',
  'http://app.internal:3000/',
  'http://8.8.8.8/',
  'http://example.com/',
  // the network of what it leads to may be allowed
  'http://other.internal/',
])('%s is allowed, or may be', (address) => {
  expect(isHidden(new URL(address), hosts)).toBe(false);
});

test.each([
  'http://192.168.1.8/',
  'http://172.20.1.1/',
  'http://[fe80::8]/',
  'http://[fe80::7]:81/',
  'http://127.0.0.1/',
  'http://169.254.169.254/',
  'http://localhost:3000/',
  'http://a.localhost./',
])('%s is not', (address) => {
  expect(isHidden(new URL(address), hosts)).toBe(true);
});

test.each([
  'http://localhost/',
  'http://LOCALHOST:3000/',
  'http://localhost./',
  'http://app.localhost/',
  'http://127.1/',
  'http://0.0.0.0/',
  'http://0/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:7f00:1]/',
  'http://db/',
  'http://db.internal/',
  'http://printer.local/',
  'http://nas.home.arpa/',
])('without a list, %s is hidden', (address) => {
  expect(isHidden(new URL(address))).toBe(true);
  expect(isHidden(new URL(address), parsePrivateHosts(['*']))).toBe(false);
});

test('localhost is allowed with its addresses, or by its name', () => {
  const url = new URL('http://app.localhost:3000/');
  for (const text of ['127.0.0.0/8', '::1', '*.localhost', 'app.localhost:3000'])
    expect(isHidden(url, parsePrivateHosts([text]))).toBe(false);
  for (const text of ['127.0.0.0/8:80', 'localhost', 'app.localhost:80', '10.0.0.0/8'])
    expect(isHidden(url, parsePrivateHosts([text]))).toBe(true);
});

test('a name leads to public addresses and to those that are allowed', async () => {
  const look = (name: string, texts: string[], port = '80') =>
    new Promise((resolve) =>
      createLookup(parsePrivateHosts(texts), port)(name, { all: true }, (error) => resolve(error?.message ?? 'ok')),
    );
  expect(await look('localhost', [])).toBe('localhost is not a public address');
  expect(await look('localhost', ['10.0.0.0/8'])).toBe('localhost is not a public address');
  expect(await look('localhost', ['127.0.0.0/8', '::1'])).toBe('ok');
  expect(await look('localhost', ['127.0.0.0/8:81'])).toBe('localhost is not a public address');
});

test.each<[string[], string[], string[] | string]>([
  [['127.0.0.1'], ['::1', '127.0.0.1'], ['127.0.0.1']],
  [['10.0.0.0/8'], ['10.0.0.5', 'fd00::5', '8.8.8.8'], ['10.0.0.5', '8.8.8.8']],
  [['10.0.0.0/8'], ['8.8.8.8', '192.168.0.1'], 'store.lan is not a public address'],
  [[], ['8.8.8.8', '10.0.0.5'], 'store.lan is not a public address'],
])('with %j, a name that leads to %j leads to %j', async (texts, found, expected) => {
  const resolve = ((_name: string, _options: object, done: (error: null, all: LookupAddress[]) => void) =>
    done(
      null,
      found.map((address) => ({ address, family: isIP(address) })),
    )) as unknown as typeof lookup;
  const answer = new Promise((settle) =>
    createLookup(parsePrivateHosts(texts), '80', resolve)('store.lan', { all: true }, (error, all) =>
      settle(error ? error.message : (all as LookupAddress[]).map(({ address }) => address)),
    ),
  );
  expect(await answer).toEqual(expected);
});

test('any of several lists', () => {
  const both = anyOf(parsePrivateHosts(['10.0.0.1']), parsePrivateHosts(['db.internal']));
  expect(
    ['http://10.0.0.1/', 'http://db.internal/', 'http://10.0.0.2/'].map((url) => isHidden(new URL(url), both)),
  ).toEqual([false, false, true]);
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0',
  '10.0.0.300',
  '::1/129',
  'a b',
  'http://x',
  'x/y',
  'a.*.b',
  '-a',
  'x:0',
  'x:70000',
  'fe80::1%eth0',
  '[::1',
  '0x7f000001',
  '0x7f.0x1',
])('"%s" cannot be listed', (text) => {
  expect(() => parsePrivateHosts([text])).toThrow(PrivateHostsError);
  expect(() => parsePrivateHosts([text])).toThrow(
    `"${text}" is not an address, a network or the name of a host: use one such as 10.0.0.7`,
  );
});
