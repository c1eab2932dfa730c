import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

test('time of a fake clock passes only when told to, and sleepers wake in order', async () => {
  const clock = new FakeClock(1000);
  const woken: string[] = [];
  void clock.sleep(20).then(() => woken.push(`second at ${clock.now()}`));
  void clock.sleep(10).then(() => woken.push(`first at ${clock.now()}`));
  await clock.advance(9);
  expect(woken).toEqual([]);
  await clock.advance(11);
  expect(woken).toEqual(['first at 1010', 'second at 1020']);
  expect(clock.sleeps).toEqual([20, 10]);
});

test('what a sleeper sleeps again counts within the same advance', async () => {
  const clock = new FakeClock(0);
  let rounds = 0;
  void (async () => {
    for (; rounds < 3; rounds++) await clock.sleep(10);
  })();
  await clock.advance(25);
  expect(rounds).toBe(2);
});

test.each([
  ['the fake clock', new FakeClock()],
  ['the system clock', systemClock],
])('%s: a sleep ends early with its signal, and never rejects', async (_, clock) => {
  const stop = new AbortController();
  const sleeping = clock.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
  await clock.sleep(60_000, stop.signal);
});
