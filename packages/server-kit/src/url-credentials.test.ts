import { expect, test } from 'vitest';
import { hideCredentials, hideCredentialsIn, takeCredentials } from './url-credentials.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each([
  ['http://me:secret@host:8188/comfy/', 'http://host:8188/comfy/', 'me:secret'],
  ['https://me:p%40ss%2Fw%3Ard@host', 'https://host', 'me:p@ss/w:rd'],
  ['HTTP://me:secret@[::1]:8188', 'HTTP://[::1]:8188', 'me:secret'],
  ['http://token@host', 'http://host', 'token:'],
  ['http://:secret@host', 'http://host', ':secret'],
  ['http://me:a@b@host/@path', 'http://host/@path', 'me:a@b'],
  ['http://jürgen:straße@host', 'http://host', 'jürgen:straße'],
  ['http://me:100%@host', 'http://host', 'me:100%'],
])('%s', (address, url, pair) => {
  expect(takeCredentials(address)).toEqual({ url, authorization: basic(pair) });
  expect(hideCredentials(address)).toBe(url);
});

test.each(['http://127.0.0.1:8188', 'https://host/@scope/package', 'http://host/?mail=a@b', 'nothing'])(
  '%s holds none',
  (address) => {
    expect(takeCredentials(address)).toEqual({ url: address });
  },
);

test.each([
  ['http://me:se/cret@host', 'http://host'],
  ['ftp://me:secret@host', 'ftp://host'],
  ['me:secret@host:8188', 'host:8188'],
  ['http://me:se#cret@ho st', 'http://ho st'],
])('%s is not valid, and shows none', (address, shown) => {
  expect(hideCredentials(address)).toBe(shown);
  expect(takeCredentials(address).authorization).toBeUndefined();
});

test('a text with addresses', () => {
  const text = 'no answer from "http://me:secret@host:1/x" and https://a%40b:c@d/e, mail a@b, https://h/@x';
  expect(hideCredentialsIn(text)).toBe('no answer from "http://host:1/x" and https://d/e, mail a@b, https://h/@x');
});
