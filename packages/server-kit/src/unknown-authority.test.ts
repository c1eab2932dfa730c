import { expect, test } from 'vitest';
import { authorityAdvice, messageWithAdvice } from './unknown-authority.ts';

const nested = (code: string, depth: number): Error =>
  Object.assign(new Error(`error ${depth}`), depth ? { cause: nested(code, depth - 1) } : { code });

test.each([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
])('%s is of an unknown authority, also as a cause', (code) => {
  for (const depth of [0, 1, 5]) expect(authorityAdvice(nested(code, depth))).toContain('set NODE_EXTRA_CA_CERTS');
});

test.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ECONNREFUSED'])('%s is not', (code) => {
  expect(authorityAdvice(nested(code, 1))).toBeUndefined();
});

test('a cause that is its own cause ends the search', () => {
  const error = new Error('round');
  error.cause = error;
  expect(authorityAdvice(error)).toBeUndefined();
  expect(authorityAdvice(undefined)).toBeUndefined();
});

test('a message has the advice behind it, if there is any', () => {
  expect(messageWithAdvice(nested('CERT_UNTRUSTED', 1))).toMatch(/^error 1 Its certificate is of an authority/);
  expect([messageWithAdvice(nested('ECONNREFUSED', 1)), messageWithAdvice('odd')]).toEqual(['error 1', 'odd']);
});
