import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { TtlCache } from './ttl-cache.ts';

function createCache(load: () => Promise<number>) {
  const clock = new FakeClock(0);
  return { clock, cache: new TtlCache(load, 1000, () => clock.now()) };
}

test('callers within the time to live share one load', async () => {
  let loads = 0;
  const { clock, cache } = createCache(async () => ++loads);
  expect(await Promise.all([cache.get(), cache.get()])).toEqual([1, 1]);
  await clock.advance(1000);
  expect(await cache.get()).toBe(1);
  await clock.advance(1);
  expect(await cache.get()).toBe(2);
});

test('a cleared value is loaded again', async () => {
  let loads = 0;
  const { cache } = createCache(async () => ++loads);
  await cache.get();
  cache.clear();
  expect(await cache.get()).toBe(2);
});

test('a load that fails is not cached', async () => {
  let loads = 0;
  const { cache } = createCache(async () => {
    if (++loads === 1) throw new Error('database gone');
    return loads;
  });
  await expect(cache.get()).rejects.toThrow('database gone');
  expect(await cache.get()).toBe(2);
});

test('a clock that is set back does not keep a value alive', async () => {
  let loads = 0;
  const { clock, cache } = createCache(async () => ++loads);
  await clock.advance(60_000);
  await cache.get();
  await clock.advance(-50_000);
  expect(await cache.get()).toBe(2);
});

test('a value that took long to load is served for longer, if loads may take a part of the time only', async () => {
  let [now, loads] = [0, 0];
  const load = async (took: number) => {
    now += took;
    return ++loads;
  };
  const cache = new TtlCache(
    () => load(loads ? 10 : 300),
    1000,
    () => now,
    0.1,
  );
  expect(await cache.get()).toBe(1);
  now = 3000;
  expect(await cache.get()).toBe(1);
  now = 3001;
  expect(await cache.get()).toBe(2);
  now = 4012;
  expect(await cache.get()).toBe(3);
});
