import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { CachedLookup } from './cached-lookup.ts';

/** A table, how often it was looked into, and whether changes are told. */
function createLookup(maxCached = 10) {
  const clock = new FakeClock(0);
  const table = new Map<string, string>();
  const state = { isTold: true, looks: 0 };
  const lookup = new CachedLookup(
    async (names) => {
      state.looks++;
      return names.map((name) => table.get(name));
    },
    { clock, maxCached, isTold: () => state.isTold },
  );
  return { clock, table, state, lookup };
}

test('while changes are told, what is there is looked up once a minute; else every second', async () => {
  const { clock, table, state, lookup } = createLookup();
  table.set('a', 'one');
  for (let second = 0; second <= 60; second++) {
    expect(await lookup.get('a')).toBe('one');
    await clock.advance(1000);
  }
  expect(state.looks).toBe(1);
  await lookup.get('a');
  expect(state.looks).toBe(2);
  await clock.advance(1001);
  await lookup.get('a');
  expect(state.looks).toBe(2);
  // nothing is told any more: what is old counts as old at once
  state.isTold = false;
  table.delete('a');
  expect(await lookup.get('a')).toBeUndefined();
  expect(state.looks).toBe(3);
});

test('what is not there is looked for every second: who may come is not told by its name', async () => {
  const { clock, table, lookup } = createLookup();
  expect(await lookup.get('a')).toBeUndefined();
  table.set('a', 'one');
  await clock.advance(1000);
  expect(await lookup.get('a')).toBeUndefined();
  await clock.advance(1);
  expect(await lookup.get('a')).toBe('one');
});

test('a change forgets those that it is about, and those that were not there', async () => {
  const { table, state, lookup } = createLookup();
  table.set('a', 'one').set('b', 'two');
  await Promise.all(['a', 'b', 'c'].map((name) => lookup.get(name)));
  table.set('a', 'uno').set('b', 'due').set('c', 'tre');
  lookup.forget((value) => value === 'one');
  expect(await Promise.all(['a', 'b', 'c'].map((name) => lookup.get(name)))).toEqual(['uno', 'two', 'tre']);
  lookup.clear();
  expect(await lookup.get('b')).toBe('due');
  expect(state.looks).toBe(3);
});

test('what is being looked up when a change is told may be of before it, and is not held', async () => {
  let answer = (_: string[]) => {};
  let looks = 0;
  const lookup = new CachedLookup(
    () => {
      looks++;
      return new Promise<string[]>((resolve) => {
        answer = resolve;
      });
    },
    { clock: new FakeClock(0), maxCached: 10, isTold: () => true },
  );
  const first = lookup.get('a');
  await expect.poll(() => looks).toBe(1);
  lookup.forget(() => false);
  answer(['old']);
  expect(await first).toBe('old');
  const second = lookup.get('a');
  await expect.poll(() => looks).toBe(2);
  answer(['new']);
  expect(await second).toBe('new');
});

test('a look that fails is not remembered', async () => {
  let fails = true;
  const lookup = new CachedLookup(
    async (names) => {
      if (fails) throw new Error('away');
      return names;
    },
    { clock: new FakeClock(0), maxCached: 10 },
  );
  await expect(lookup.get('a')).rejects.toThrow('away');
  fails = false;
  expect(await lookup.get('a')).toBe('a');
});
