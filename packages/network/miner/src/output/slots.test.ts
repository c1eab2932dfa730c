import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

/** Work that ends when told. */
function createJobs(slots: Slots) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    end: (name: string) => ends.get(name)?.(),
    take: (name: string) =>
      slots.take(async () => {
        started.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
      }),
  };
}
const turn = () => new Promise(setImmediate);

test('only as much goes on at a time as there are slots; the next waits for whichever ends first', async () => {
  const slots = new Slots(2);
  const jobs = createJobs(slots);
  await jobs.take('a');
  await jobs.take('b');
  const third = jobs.take('c');
  const fourth = jobs.take('d');
  await turn();
  expect([jobs.started, slots.taken]).toEqual([['a', 'b'], 2]);
  jobs.end('b');
  await third;
  await turn();
  expect([jobs.started, slots.taken]).toEqual([['a', 'b', 'c'], 2]);
  jobs.end('a');
  await fourth;
  expect(slots.taken).toBe(2);
});

test('drains: resolves once all work has ended', async () => {
  const slots = new Slots(2);
  const jobs = createJobs(slots);
  await jobs.take('a');
  await jobs.take('b');
  let isDrained = false;
  const draining = slots.drain().then(() => {
    isDrained = true;
  });
  jobs.end('a');
  await turn();
  expect([isDrained, slots.taken]).toEqual([false, 1]);
  jobs.end('b');
  await draining;
  expect(slots.taken).toBe(0);
});
