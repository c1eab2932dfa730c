import { expect, test } from 'vitest';
import { createSigner } from './signer.ts';

const SIGNED = 'L0Q2hVkpAOYZ8vOyNQw8ilc44ueia8miRNM5PDzWq9Y';
const signer = createSigner('secret');

test('a signature is HMAC-SHA256: replicas of other versions make the same', () => {
  expect(signer.sign('text')).toBe(SIGNED);
  expect(signer.isValid('text', SIGNED)).toBe(true);
});

test.each([
  ['another text', 'texts', () => signer.sign('text')],
  ['another secret', 'text', () => createSigner('other').sign('text')],
  ['a shorter signature', 'text', () => signer.sign('text').slice(1)],
  ['a changed signature', 'text', () => signer.sign('text').replace(/.$/, '!')],
  ['none', 'text', () => ''],
])('%s is not valid', (_, text, signature) => {
  expect(signer.isValid(text, signature())).toBe(false);
});
