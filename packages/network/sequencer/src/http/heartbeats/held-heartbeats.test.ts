import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import type { Identity } from '../../access/keys/keys.ts';
import { NOTHING_SET } from '../../access/limits/caller-limits.ts';
import { createLimits } from '../../access/limits/limits.ts';
import { createBus } from '../../bus/bus.ts';
import { HeldHeartbeats } from './held-heartbeats.ts';

const miner = (key_id: string): Identity => ({ role: 'miner', owner: 'rig', key_id, limits: NOTHING_SET });

function createHeld() {
  const clock = new FakeClock(0);
  const closing = new AbortController();
  const state = { isUp: true, ended: new Set<string>(), isAway: false };
  const bus = { ...createBus(), isUp: () => state.isUp };
  const held = new HeldHeartbeats({
    bus,
    clock,
    closing: closing.signal,
    limits: createLimits({ heldHeartbeats: 2 }),
    keys: {
      async identifyById(key_id) {
        if (state.isAway) throw new Error('the database is away');
        return state.ended.has(key_id) ? undefined : miner(key_id);
      },
    },
  });
  /** How a hold ends, and when. */
  const hold = (task_ids: string[], ms = 10_000, { key_id = 'one' } = {}) => {
    const news = held.listen(miner(key_id), task_ids);
    return news
      .hold(ms)
      .then((end) => [end, clock.now()])
      .finally(news.end);
  };
  return { clock, state, bus, hold, held, close: () => closing.abort() };
}

test('it waits until the next heartbeat is due', async () => {
  const { clock, hold } = createHeld();
  const end = hold(['a']);
  await clock.advance(20_000);
  expect(await end).toEqual(['due', 10_000]);
});

test('it ends when one of its tasks must stop, and with no other', async () => {
  const { clock, bus, hold } = createHeld();
  const [first, second] = [hold(['a', 'b']), hold(['c'])];
  await clock.advance(1000);
  bus.publishTask('c');
  bus.publishStop('b');
  await clock.advance(20_000);
  expect([await first, await second]).toEqual([
    ['stopped', 1000],
    ['due', 10_000],
  ]);
});

test('what happens while the leases are renewed is not missed', async () => {
  const { bus, held } = createHeld();
  const news = held.listen(miner('one'), ['a']);
  bus.publishStop('a');
  expect(await news.hold(10_000)).toBe('stopped');
});

test('nothing is held while no news come, and what is held ends within half a second', async () => {
  const { clock, state, hold } = createHeld();
  const before = hold(['a']);
  await clock.advance(1100);
  state.isUp = false;
  expect(await hold(['b'])).toEqual(['unheard', 1100]);
  await clock.advance(5000);
  expect(await before).toEqual(['unheard', 1500]);
});

test('a key that ends ends what it holds; a database that is away ends nothing', async () => {
  const { clock, state, hold } = createHeld();
  const [one, two] = [hold(['a']), hold(['b'], 10_000, { key_id: 'two' })];
  state.isAway = true;
  await clock.advance(1600);
  state.isAway = false;
  state.ended.add('two');
  await clock.advance(20_000);
  expect([await one, await two]).toEqual([
    ['due', 10_000],
    ['key ended', 2000],
  ]);
});

test('a key holds as many as it may; the next are answered at once, until one ends', async () => {
  const { clock, hold } = createHeld();
  const held = [hold(['a'], 3000), hold(['b'])];
  await clock.advance(1000);
  expect(await hold(['c'])).toEqual(['unheard', 1000]);
  const other = hold(['d'], 1000, { key_id: 'two' });
  await clock.advance(2500);
  const later = hold(['e'], 1000);
  await clock.advance(20_000);
  expect(await Promise.all([...held, other, later])).toEqual([
    ['due', 3000],
    ['due', 10_000],
    ['due', 2000],
    ['due', 4500],
  ]);
});

test('a server that closes holds nothing', async () => {
  const { clock, hold, close } = createHeld();
  const end = hold(['a']);
  await clock.advance(700);
  close();
  expect(await end).toEqual(['unheard', 700]);
  expect(await hold(['a'])).toEqual(['unheard', 700]);
});
