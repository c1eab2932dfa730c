import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createLine } from '../../../test/support/call-line.ts';
import { createSharedBus } from '../../bus/shared-bus.ts';
import type { Channel } from '../../database/database.ts';
import { Addresses } from '../addresses/addresses.ts';
import { createLimits } from '../limits/limits.ts';
import { CallCounts } from './call-counts.ts';

/** Replicas on one channel, and what goes over it. */
async function startReplicas(count: number, limits: { failedCalls?: number; keylessCalls?: number }) {
  const clock = new FakeClock();
  const listeners: ((message: string) => void)[] = [];
  const messages: string[] = [];
  const channel: Channel = {
    async publish(message) {
      messages.push(message);
      for (const listener of listeners) listener(message);
    },
    async subscribe(onMessage) {
      listeners.push(onMessage);
      return { isCurrent: () => true, stop: async () => {} };
    },
  };
  const errors: string[] = [];
  const replicas: Addresses[] = [];
  for (let index = 0; index < count; index++) {
    const bus = await createSharedBus(channel, ({ message }) => errors.push(message), clock);
    replicas.push(new Addresses({ limits: createLimits(limits), clock, counts: new CallCounts({ clock, bus }) }));
  }
  /** Whether a call is let in. */
  const call = (replica: number, address: string, kind: 'failed' | 'keyless' = 'failed') => {
    const remote = { address, forwardedFor: undefined };
    try {
      replicas[replica]!.check(remote, kind);
    } catch {
      return false;
    }
    replicas[replica]!.record(remote, kind);
    return true;
  };
  /** Calls that are let in, of ten seconds, so many in each tenth of a second at every replica. */
  const flood = async (address: string, perRound: number, kind: 'failed' | 'keyless' = 'failed') => {
    let letIn = 0;
    for (let round = 0; round < 100; round++) {
      for (let replica = 0; replica < count; replica++)
        for (let each = 0; each < perRound; each++) if (call(replica, address, kind)) letIn++;
      await clock.advance(100);
    }
    return letIn;
  };
  return { clock, call, flood, messages, listeners, errors };
}

test.each([2, 3, 8])(
  'a limit holds over %d replicas, but for what they have not told each other yet',
  async (count) => {
    const { clock, call, flood } = await startReplicas(count, { failedCalls: 320 });
    const letIn = await flood('192.0.2.1', 2);
    expect(letIn).toBeGreaterThanOrEqual(320);
    // a 32nd of the limit each, and a tenth of a second
    expect(letIn).toBeLessThanOrEqual(320 + count * 13);
    expect(call(0, '192.0.2.2')).toBe(true);
    expect(call(0, '192.0.2.1', 'keyless')).toBe(true);
    await clock.advance(60_000);
    const again = await flood('192.0.2.1', 2);
    expect(again).toBeGreaterThanOrEqual(320);
    expect(again).toBeLessThanOrEqual(320 + count * 13);
  },
);

test('what another replica told counts until its minute ends, not longer and not twice', () => {
  const clock = new FakeClock();
  const bus = createLine();
  const counts = new CallCounts({ clock, bus });
  const hear = (count: number, ageMs: number, replica = 'two') =>
    bus.hear(replica, { caller: '192.0.2.1', call: 'failed', count, ageMs });
  hear(60, 0);
  hear(99, 20_000);
  expect(counts.isFull('192.0.2.1', 'failed', 100)).toBe(false);
  hear(1, 59_000, 'three');
  expect(counts.isFull('192.0.2.1', 'failed', 100)).toBe(true);
  expect(counts.isFull('192.0.2.1', 'keyless', 100)).toBe(false);
  return clock.advance(1000).then(() => expect(counts.isFull('192.0.2.1', 'failed', 100)).toBe(false));
});

test('an address far from its limits is never told, one near it at most 32 times a minute', async () => {
  const { call, flood, messages, clock } = await startReplicas(2, { failedCalls: 640, keylessCalls: 12_000 });
  for (let count = 0; count < 19; count++) call(0, '192.0.2.1');
  for (let count = 0; count < 374; count++) call(0, '192.0.2.1', 'keyless');
  await clock.advance(5000);
  expect(messages).toEqual([]);
  await flood('192.0.2.9', 10);
  expect(messages.length).toBeGreaterThan(3);
  expect(messages.length).toBeLessThanOrEqual(34);
});

test('many addresses at once: ten notifications a second, each within what Postgres takes', async () => {
  const { call, messages, clock, errors } = await startReplicas(2, { failedCalls: 10 });
  for (let index = 0; index < 3000; index++)
    for (let each = 0; each < 5; each++) call(0, `2001:db8:aaaa:${index.toString(16)}::1`);
  await clock.advance(1000);
  expect(messages.length).toBeLessThanOrEqual(10);
  await clock.advance(5000);
  for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8000);
  // the latest of each alone
  const told = messages.flatMap((message) => JSON.parse(message).addresses as unknown[][]);
  expect(told).toHaveLength(3000);
  expect(told.every(([call, , count]) => call === 'failed' && count === 5)).toBe(true);
  // the other replica knows
  const letIn = Array.from({ length: 9 }, () => call(1, '2001:db8:aaaa:1::7')).filter(Boolean);
  expect(letIn).toHaveLength(5);
  expect(errors).toEqual([]);
});

test('replicas of the version before read past it, and what is not news is ignored and counted', async () => {
  const { call, messages, listeners, clock, errors } = await startReplicas(1, { failedCalls: 5 });
  call(0, '192.0.2.1');
  await clock.advance(100);
  expect(JSON.parse(messages[0]!)).toMatchObject({ events: [], addresses: [['failed', '192.0.2.1', 1, 0]] });
  const bad: unknown[] = [
    'x',
    [['failed', '192.0.2.7', 5, -1]],
    [['failed', '192.0.2.7', 5, 60_001]],
    [['failed', '192.0.2.7', Number.MAX_VALUE, 0]],
    [['failed', '192.0.2.7', -5, 0]],
    [['failed', 'x'.repeat(65), 5, 0]],
    [['other', '192.0.2.7', 5, 0]],
    [['failed', 7, 5, 0]],
    [null],
    [{}],
  ];
  for (const addresses of bad) listeners[0]!(JSON.stringify({ from: 'z', events: [], addresses }));
  expect(call(0, '192.0.2.7')).toBe(true);
  expect(errors.at(-1)).toContain('(10 so far)');
});

test('memory is bounded, whoever calls and whatever others tell', () => {
  const clock = new FakeClock();
  const bus = createLine();
  const counts = new CallCounts({ clock, bus });
  const name = (index: number) => `2001:db8:${index.toString(16)}:0::/64`;
  for (let index = 0; index < 20_001; index++) {
    counts.record(name(index), 'failed', 3);
    bus.hear('two', { caller: name(index), call: 'failed', count: 9, ageMs: 0 });
  }
  // the oldest are forgotten
  expect([counts.isFull(name(0), 'failed', 3), counts.isFull(name(1), 'failed', 3)]).toEqual([false, true]);
  for (let index = 0; index < 1000; index++)
    bus.hear(`replica ${index}`, { caller: name(0), call: 'keyless', count: index < 900 ? 3 : 0, ageMs: 0 });
  expect(counts.isFull(name(0), 'keyless', 3)).toBe(false);
});
