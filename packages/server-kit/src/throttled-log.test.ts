import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { createThrottledLog } from './throttled-log.ts';

test('each kind of line is written once a minute, with how often it came meanwhile', async () => {
  const clock = new FakeClock(0);
  const lines: unknown[] = [];
  const log = createThrottledLog((message, fields) => lines.push([message, fields]), clock);
  for (let count = 0; count < 3; count++) log('disk', 'disk full', { folder: 'x' });
  log('database', 'away');
  expect(lines).toEqual([
    ['disk full', { folder: 'x' }],
    ['away', {}],
  ]);
  await clock.advance(59_999);
  log('disk', 'disk full');
  expect(lines).toHaveLength(2);
  await clock.advance(1);
  log('disk', 'disk full');
  expect(lines.at(-1)).toEqual(['disk full', { more: 3 }]);
  await clock.advance(60_000);
  log('disk', 'disk full');
  expect(lines.at(-1)).toEqual(['disk full', {}]);
});

test('kinds are bounded', () => {
  const clock = new FakeClock(0);
  let lines = 0;
  const log = createThrottledLog(() => lines++, clock);
  for (let kind = 0; kind < 101; kind++) log(`${kind}`, '');
  log('100', '');
  expect(lines).toBe(101);
  // the oldest one is forgotten
  log('0', '');
  expect(lines).toBe(102);
});
