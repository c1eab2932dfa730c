// Small simulations of warm routing: the same on every machine. `npm run bench -- warm` runs the large ones.
import { createRandom } from '@heurist/test-servers/random';
import { expect, test } from 'vitest';
import { createPicker, zipf } from '../support/warm/arrivals.ts';
import { BURST, compare, FLEETS, judge, LARGE, POLICIES, ratioOf } from '../support/warm/fleets.ts';
import { Heap } from '../support/warm/heap.ts';
import { simulate } from '../support/warm/simulate.ts';
import { Watch } from '../support/warm/watch.ts';

const small = (name: keyof typeof FLEETS, offered: number | 'all') => ({
  ...FLEETS[name],
  offered,
  tasks: 6000,
  seed: 7,
});

test('what is to happen comes in its order', () => {
  const random = createRandom(1);
  const times = Array.from({ length: 300 }, () => Math.floor(random() * 100));
  const heap = new Heap<number>();
  for (const [number, at] of times.entries()) heap.add(at, number);
  const taken = times.map(() => heap.take()!);
  expect(taken.map(({ item }) => item)).toEqual([...times.keys()].sort((a, b) => times[a]! - times[b]! || a - b));
  expect(heap.take()).toBeUndefined();
});

test('models are asked for by their popularity', () => {
  const shares = zipf(4);
  const pick = createPicker(shares, createRandom(1));
  const counts = [0, 0, 0, 0];
  for (let drawn = 0; drawn < 20_000; drawn++) counts[pick()]!++;
  for (const [model, share] of shares.entries()) expect(counts[model]! / 20_000).toBeCloseTo(share, 1);
  expect(shares[0]! / shares[3]!).toBeCloseTo(4);
});

test('oldest first, a miner is warm if the next task happens to need what the last one did', () => {
  for (const name of ['8 on 8', '24 on 24'] as const) {
    const { models, miners, load_ms, run_ms } = FLEETS[name];
    const chance = zipf(models).reduce((sum, share) => sum + share ** 2, 0);
    const { warm, throughput } = simulate(small(name, 0.85), POLICIES.oldest);
    expect(Math.abs(warm - chance)).toBeLessThan(0.03);
    // it cannot keep up: every miner is busy all the time
    expect(throughput * (run_ms + (1 - warm) * load_ms)).toBeCloseTo(miners * 1000, -3);
  }
});

test.each([
  ['8 on 16', 0.85, 0.95],
  ['24 on 24', 0.85, 0.9],
  ['24 on 64', 0.85, 0.9],
  ['24 on 64, two slots', 0.85, 0.99],
  ['video, 12 on 16', 0.6, 0.4],
] as const)('warm routing of %s at %d keeps models where they are: %d warm', (name, offered, least) => {
  const outcome = compare(small(name, offered));
  expect(outcome.warm.warm).toBeGreaterThan(least);
  expect(judge(name, offered, outcome).filter(({ isMet }) => !isMet)).toEqual([]);
});

test('warm routing keeps up where oldest first cannot, and passes nobody by for too long', () => {
  const outcome = compare(small('8 on 8', 0.6));
  expect(ratioOf(outcome)).toBeGreaterThan(2.9);
  expect(outcome.warm.passed).toBeGreaterThan(20);
  expect(outcome.warm.passed).toBeLessThanOrEqual(30);
});

test('all tasks at once: most of them are warm', () => {
  const { warm, turns } = compare({ ...BURST, slots: 1, offered: 'all', seed: 1 });
  expect(warm.warm).toBeGreaterThan(0.9);
  expect(warm.seconds).toBeLessThan(20);
  expect(turns.seconds).toBeGreaterThan(20);
});

test('a thousand miners are no other than a few', () => {
  const figures = simulate(
    { ...LARGE, models: 20, miners: 1000, offered: 0.85, tasks: 12_000, seed: 1 },
    POLICIES.warm,
  );
  expect(figures.warm).toBeGreaterThan(0.95);
  expect(figures.passed).toBeLessThanOrEqual(figures.bound);
});

test('the watch sees a task that is passed by, until it is taken', () => {
  const watch = new Watch();
  const line = (id: string, since: number) => ({ id, workflow_id: id, count: 1, since, arrivedAt: () => since });
  const claim = (now: number, taken: string[], lines = [line('old', 0), line('young', 5)], isSomebodyIdle = false) =>
    watch.note({ lines, assignments: taken.map((id) => ({ line: id })), isSomebodyIdle, now });
  claim(10, ['young']);
  claim(15, ['young']);
  expect(watch.longest).toBe(5);
  claim(20, ['old']);
  claim(30, ['young'], [line('old', 25), line('young', 5)]);
  expect(watch.longest).toBe(5);
  claim(40, [], [line('old', 25)], true);
  claim(47, [], [line('old', 25)], true);
  expect(watch.longest).toBe(7);
});
