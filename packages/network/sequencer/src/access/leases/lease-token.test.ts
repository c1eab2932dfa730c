import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createSigner } from '../signer.ts';
import { decodeLease, encodeLease, type Lease } from './lease-token.ts';

const signer = createSigner('secret');
const lease: Lease = { task_id: 'task', workflow_id: 'echo', attempt: 2, miner_id: 'rig' };

test('a token carries its lease', () => {
  expect(decodeLease(encodeLease(lease, signer), signer)).toEqual(lease);
});

test('a token expires after a day, to the second', async () => {
  const clock = new FakeClock(1_700_000_000_000);
  const token = encodeLease(lease, signer, clock);
  await clock.advance(24 * 3600 * 1000 - 1);
  expect(decodeLease(token, signer, clock)).toEqual(lease);
  await clock.advance(1);
  expect(decodeLease(token, signer, clock)).toBeUndefined();
});

test('tokens of earlier versions stay valid: they count attempts from 0', () => {
  const payload = { task_id: 'task', workflow_id: 'echo', attempt: 1, miner_id: 'rig', expires: 1_700_086_400 };
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
  const token = `${body}.${signer.sign(`lease:${body}`)}`;
  const clock = new FakeClock(1_700_000_000_000);
  expect(decodeLease(token, signer, clock)).toEqual(lease);
  // and this version writes the same, for replicas of the earlier one
  expect(encodeLease(lease, signer, clock)).toBe(token);
});

test.each([
  ['another secret', (token: string) => [token, createSigner('other')] as const],
  ['no signature', (token: string) => [token.split('.')[0]!, signer] as const],
  ['a signature of something else', (token: string) => [`${token.split('.')[0]}.${signer.sign('x')}`, signer] as const],
  [
    'a signature of another use',
    (token: string) => {
      const [body = ''] = token.split('.');
      return [`${body}.${signer.sign(`read:${body}`)}`, signer] as const;
    },
  ],
  ['nothing', () => ['', signer] as const],
])('a token with %s is not valid', (_, change) => {
  expect(decodeLease(...change(encodeLease(lease, signer)))).toBeUndefined();
});
