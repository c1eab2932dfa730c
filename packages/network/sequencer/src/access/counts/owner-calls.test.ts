import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createLine } from '../../../test/support/call-line.ts';
import { NOTHING_SET } from '../limits/caller-limits.ts';
import { createLimits } from '../limits/limits.ts';
import { CallCounts } from './call-counts.ts';
import { OwnerCalls } from './owner-calls.ts';

const limits = createLimits({ callsPerMinute: 5 });
const acme = { role: 'consumer', owner: 'acme', limits: NOTHING_SET } as const;

/** How many of ten calls are let in. */
function tries(calls: OwnerCalls, caller: Parameters<OwnerCalls['count']>[0]): number {
  for (let count = 0; count < 10; count++)
    try {
      calls.count(caller);
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate_limited', isRetryable: true });
      return count;
    }
  return Infinity;
}

test('an owner may make so many calls a minute, each role for itself; an operator any number', async () => {
  const clock = new FakeClock();
  const calls = new OwnerCalls({ limits, clock });
  expect(tries(calls, acme)).toBe(5);
  expect(tries(calls, { ...acme, owner: 'other' })).toBe(5);
  expect(tries(calls, { ...acme, role: 'miner' })).toBe(5);
  expect(tries(calls, { ...acme, role: 'operator' })).toBe(Infinity);
  await clock.advance(59_999);
  expect(tries(calls, acme)).toBe(0);
  await clock.advance(1);
  expect(tries(calls, acme)).toBe(5);
});

test('the operator can set another limit for an owner', () => {
  const calls = new OwnerCalls({ limits });
  expect(tries(calls, { ...acme, limits: { shared: { calls_per_minute: 2 }, own: {} } })).toBe(2);
});

test('calls at other replicas count, and names of any length are told in few characters', () => {
  const bus = createLine();
  const clock = new FakeClock();
  const calls = new OwnerCalls({ limits, clock, counts: new CallCounts({ clock, bus }) });
  const caller = { ...acme, owner: 'x'.repeat(100) };
  calls.count(caller);
  expect(bus.told).toMatchObject([{ call: 'consumer', caller: expect.stringMatching(/^.{24}$/), count: 1 }]);
  bus.hear('another', { ...bus.told[0]!, count: 3 });
  expect(tries(calls, caller)).toBe(1);
});
