import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  createLimits,
  defaultLimits,
  describeLimits,
  limitNames,
  parseLimits,
  settableLimits,
  withLimits,
} from './limits.ts';

test('limits are set by their names, one each or several with commas', () => {
  expect(parseLimits([])).toEqual(defaultLimits);
  expect(parseLimits(['open_tasks=500', ' streams = 7 ,output_bytes_text=9,'])).toEqual({
    ...defaultLimits,
    openTasks: 500,
    streams: 7,
    outputBytes: { ...defaultLimits.outputBytes, text: 9 },
  });
});

test.each([
  ['open_tusks=5', 'There is no limit "open_tusks" that can be set here. Use one of open_tasks, tasks_per_minute, '],
  ['openTasks=5', 'There is no limit "openTasks"'],
  ['toString=5', 'There is no limit "toString"'],
  ['open_tasks', '`open_tasks` must be a whole number from 1 to 1000000000000000 (got NaN), such as open_tasks=1000.'],
  ['open_tasks=', '(got NaN)'],
  ['open_tasks=-5', '(got NaN)'],
  ['open_tasks=1.5', '(got NaN)'],
  ['open_tasks=0', '(got 0)'],
  ['open_tasks=1e3', '(got NaN)'],
  ['open_tasks=9999999999999999', '(got 10000000000000000)'],
  ['=5', 'There is no limit ""'],
])('%s is refused', (text, message) => {
  expect(() => parseLimits([text])).toThrow(
    expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(message) }),
  );
});

test('a sequencer is not created with limits that cannot be', () => {
  expect(createLimits({ streams: 3, leases: undefined as never }).leases).toBe(128);
  for (const set of [{ streams: 0 }, { streams: '3' }, { straems: 3 }, { outputBytes: { image: -1 } }])
    expect(() => createLimits(set as never)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
});

test('every limit can be replaced by its name', () => {
  for (const [index, name] of limitNames.entries())
    expect(describeLimits(withLimits(defaultLimits, { [name]: 77 + index }))).toEqual({
      ...describeLimits(defaultLimits),
      [name]: 77 + index,
    });
});

test('docs/security.md has every limit, its default, and whose it can be', () => {
  const page = readFileSync(new URL('../../../../../../docs/security.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| ([\d,]+) +\| (\w+) +\|/gm)].map(
    ([, name = '', value = '', whose]) => [name, Number(value.replaceAll(',', '')), whose],
  );
  const { consumer, miner }: Record<string, readonly string[]> = settableLimits;
  const whoseOf = (name: string) =>
    consumer?.includes(name) ? 'consumer' : miner?.includes(name) ? 'miner' : 'network';
  const expected = Object.entries(describeLimits(defaultLimits)).map(([name, value]) => [name, value, whoseOf(name)]);
  expect(Object.fromEntries(rows.map(([name, ...rest]) => [name, rest]))).toEqual(
    Object.fromEntries(expected.map(([name, ...rest]) => [name, rest])),
  );
  expect(rows).toHaveLength(expected.length);
});
