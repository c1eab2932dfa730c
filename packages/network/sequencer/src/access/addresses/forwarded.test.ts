import { describe, expect, test } from 'vitest';
import { readNetworks } from './caller-address.ts';
import { askedAddress, originatorOf, type Remote } from './forwarded.ts';

const proxies = readNetworks(['loopback', '10.0.0.0/8', '2001:db8:1::/48']);
const near = { address: '127.0.0.1' };

describe('who calls', () => {
  test.each<[Remote, string | undefined]>([
    [{ address: undefined, forwardedFor: '192.0.2.1' }, undefined],
    [{ address: '192.0.2.9', forwardedFor: '192.0.2.1' }, '192.0.2.9'],
    [{ ...near, forwardedFor: '192.0.2.1' }, '192.0.2.1'],
    [{ ...near, forwardedFor: '6.6.6.6, 192.0.2.1, 10.0.0.1' }, '192.0.2.1'],
    [{ ...near, forwardedFor: '192.0.2.1:4711' }, '192.0.2.1'],
    [{ ...near, forwardedFor: '[2001:db8::1]:4711' }, '2001:db8::1'],
    [{ ...near, forwardedFor: '2001:db8::1, ::ffff:10.0.0.7' }, '2001:db8::1'],
    [{ ...near, forwardedFor: 'unknown' }, '127.0.0.1'],
    [{ ...near, forwardedFor: '' }, '127.0.0.1'],
    [{ address: '::ffff:10.0.0.1', forwardedFor: '::ffff:192.0.2.1' }, '192.0.2.1'],
    [{ address: 'fe80::1%eth0', forwardedFor: '192.0.2.1' }, 'fe80::1'],
    [{ ...near, forwarded: 'for=192.0.2.1' }, '192.0.2.1'],
    [{ ...near, forwarded: 'For="[2001:db8::1]:80"; Proto=https, for=10.0.0.2;by=10.0.0.1' }, '2001:db8::1'],
    [{ ...near, forwarded: 'for="a, b;c=d";host=x, for=_hidden' }, '127.0.0.1'],
    [{ ...near, forwarded: 'for=192.0.2.1', forwardedFor: '192.0.2.1' }, '192.0.2.1'],
    // a proxy sets one of both, and passes on what a stranger wrote into the other
    [{ ...near, forwarded: 'for=6.6.6.6', forwardedFor: '192.0.2.1' }, '127.0.0.1'],
    [{ ...near, forwarded: 'for=192.0.2.1', forwardedFor: '6.6.6.6' }, '127.0.0.1'],
  ])('%j: %s', (remote, caller) => {
    expect(originatorOf(remote, proxies)?.caller).toBe(caller);
  });
});

describe('which address the caller used', () => {
  const from = { ...near, forwardedFor: '192.0.2.1' };
  test.each<[Remote, object]>([
    [{ address: '192.0.2.9', proto: 'https', host: 'evil.example', prefix: '/x', forwarded: 'proto=https' }, {}],
    [near, {}],
    [{ ...near, proto: 'HTTPS' }, { proto: 'https' }],
    [{ ...near, proto: 'javascript', host: 'a/b@c', prefix: 'x' }, {}],
    [{ ...near, host: 'me@evil.example', prefix: '//evil.example' }, {}],
    [
      { ...near, host: '[2001:db8::1]:8443', prefix: '/a/b/' },
      { host: '[2001:db8::1]:8443', prefix: '/a/b' },
    ],
    [
      { ...from, proto: 'http, https', host: 'evil.example, real.example' },
      { proto: 'https', host: 'real.example' },
    ],
    // the outer one of two proxies knows
    [
      { ...from, forwardedFor: '192.0.2.1, 10.0.0.2', proto: 'https, http', host: 'a, b' },
      { proto: 'https', host: 'a' },
    ],
    [
      { ...near, forwarded: 'for=192.0.2.1;proto=https;host="a.example:8443"' },
      { proto: 'https', host: 'a.example:8443' },
    ],
  ])('%j: %j', (remote, asked) => {
    expect(askedAddress(remote, proxies)).toEqual(asked);
  });
});

test.each([
  ['loopback', '127.9.9.9'],
  ['loopback', '::1'],
  ['Private', '172.31.0.1'],
  ['private', 'fd00::1'],
  ['linklocal', 'fe80::1%eth0'],
  ['::ffff:10.0.0.0/104', '10.1.1.1'],
  ['10.0.0.0/8', '::ffff:10.1.1.1'],
  ['[2001:db8::]/32', '2001:db8::5'],
])('%s holds %s', (network, address) => {
  const remote = { address, forwardedFor: '192.0.2.1' };
  expect(originatorOf(remote, readNetworks([network]))?.caller).toBe('192.0.2.1');
  expect(originatorOf({ ...remote, address: '198.51.100.1' }, readNetworks([network]))?.caller).toBe('198.51.100.1');
});

test.each(['nginx', '10.0.0.0/33', '10.0.0.0/', '::/129', '::ffff:10.0.0.0/8', '10.0.0.1/8/8'])(
  '%s is none',
  (text) => {
    expect(() => readNetworks([text])).toThrow('is not an address or network of a proxy');
  },
);
