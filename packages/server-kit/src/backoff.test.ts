import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('delays double up to the limit, and start again after a success', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 350 });
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 350, 350]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});
