import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createLane } from './lane.ts';

function start(most = 2, mostFar = most) {
  const clock = new FakeClock(0);
  const lane = createLane({ most, longMs: 1000, mostFar, clock });
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const call = (name: string, signal?: AbortSignal) =>
    lane(async () => {
      begun.push(name);
      const end = Promise.withResolvers<void>();
      ends.set(name, end);
      await end.promise;
      return name;
    }, signal);
  return {
    clock,
    begun,
    call,
    end: (name: string) => ends.get(name)?.resolve(),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

test('so many calls at a time, in order', async () => {
  const { clock, begun, call, end, fail } = start();
  const all = Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => call(name)));
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b', 'c']);
  fail('a');
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('c');
  end('d');
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
});

test('one that hangs holds up the others for a second', async () => {
  const { clock, begun, call } = start(1);
  void call('hangs');
  void call('waits');
  await clock.advance(999);
  expect(begun).toEqual(['hangs']);
  await clock.advance(1);
  expect(begun).toEqual(['hangs', 'waits']);
});

test('far away, as many are on their way as fit the distance', async () => {
  const { clock, begun, call, end } = start(2, 5);
  for (let index = 0; index < 40; index++) void call(`${index}`);
  for (let index = 0; index < 20; index += 2) {
    await clock.advance(90);
    expect(begun.slice(-2)).toEqual([`${index}`, `${index + 1}`]);
    end(`${index}`);
    end(`${index + 1}`);
  }
  await clock.advance(0);
  // 90 ms: four at a time
  expect(begun).toHaveLength(24);
  await clock.advance(500);
  end('20');
  await clock.advance(0);
  expect(begun).toHaveLength(25);
});

test('one that is fast says that the other side is near, however slow the others are', async () => {
  const { clock, begun, call, end } = start(2, 5);
  for (let index = 0; index < 25; index++) {
    const made = call(`${index}`);
    await clock.advance(index === 9 ? 0 : 400);
    end(`${index}`);
    await made;
  }
  await clock.advance(0);
  for (const name of ['a', 'b', 'c']) void call(name);
  await clock.advance(0);
  expect(begun.slice(25)).toEqual(['a', 'b']);
});

test('an abort gives up the place in the queue, and nobody else loses theirs', async () => {
  const { clock, begun, call, end } = start(1);
  const stop = new AbortController();
  void call('a');
  const given = call('b', stop.signal);
  void call('c');
  stop.abort('enough');
  await expect(given).rejects.toBe('enough');
  await expect(call('d', stop.signal)).rejects.toBe('enough');
  end('a');
  await clock.advance(0);
  expect(begun).toEqual(['a', 'c']);
});
