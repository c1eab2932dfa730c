import { expect, test } from 'vitest';
import { nameOf, summarizeFleet } from './summarize-fleet.ts';

const machine = (machine_id: string) => ({ miner_id: 'rig', machine_id });
const holds = (machine_id: string, slots: number, ...keys: string[]) => ({
  ...machine(machine_id),
  held: keys.map((key) => ({ key, load_ms: 9000 })),
  slots,
});
const runs = (machine_id: string, model_key: string, was_warm: boolean | null, elapsed_ms: number) => ({
  ...machine(machine_id),
  model_key,
  was_warm,
  elapsed_ms,
});
const times = [{ model_key: 'a', run_ms: 4000, load_ms: 20_000 }];

test('counts who holds a model, and what is known of its runs', () => {
  const { models, slots, busy, held } = summarizeFleet([holds('1', 1, 'a'), holds('2', 2, 'a', 'b')], [], times);
  expect(models.get('a')).toEqual({ holders: 2, busy_ms: 0, run_ms: 4000, load_ms: 20_000 });
  // what miners say counts where nothing was seen
  expect(models.get('b')).toEqual({ holders: 1, busy_ms: 0, run_ms: undefined, load_ms: 9000 });
  expect([slots.get(nameOf(machine('2'))), busy.size]).toEqual([2, 0]);
  expect(held.get('rig')).toEqual(new Set(['a', 'b']));
});

test('a machine is busy for what is left of its run, and of its load if it was cold', () => {
  const busyMs = (was_warm: boolean | null, elapsed_ms: number) =>
    summarizeFleet([holds('1', 1, 'a')], [runs('1', 'a', was_warm, elapsed_ms)], times).models.get('a')?.busy_ms;
  expect(busyMs(true, 1000)).toBe(3000);
  expect(busyMs(false, 1000)).toBe(23_000);
  expect(busyMs(null, 1000)).toBe(23_000);
  expect(busyMs(true, 60_000)).toBe(0);
});

test('a machine that loads another model holds that one, and drops the one used longest ago', () => {
  const keysOf = (slots: number) => {
    const { models } = summarizeFleet([holds('1', slots, 'a', 'b')], [runs('1', 'c', false, 0)], times);
    return [...models.keys()];
  };
  expect(keysOf(2)).toEqual(['c', 'a']);
  expect(keysOf(3)).toEqual(['c', 'a', 'b']);
  // whatever it said
  expect(keysOf(0)).toEqual(['c']);
});

test('tasks without models, and machines that say nothing, hold nothing', () => {
  expect(summarizeFleet([], [runs('1', 'a', null, 0)], times).models.size).toBe(0);
  expect([...summarizeFleet([holds('1', 1, 'a')], [runs('1', '', null, 0)], times).models.keys()]).toEqual(['a']);
});
