import { expect, test } from 'vitest';
import { heartbeatSecondsAt, leaseSecondsAt } from './lease-time.ts';

test.each([
  // a short run is noticed within the shortest lease
  [0, 6, 6],
  [6, 6, 6],
  // then within as long as it has run
  [7.5, 6, 7.5],
  [29, 6, 29],
  // and never after more than half a minute
  [30, 6, 30],
  [3600, 6, 30],
  // unless the operator wants longer ones
  [0, 90, 90],
  [3600, 90, 90],
  [20, 2, 20],
  // a clock that was set back
  [-5, 6, 6],
])('after %d s with a shortest lease of %d s it is %d s', (run, shortest, expected) => {
  expect(leaseSecondsAt(run, shortest)).toBe(expected);
});

test('three heartbeats come in each lease, and a minute has eleven instead of thirty', () => {
  const beats: number[] = [];
  for (let at = heartbeatSecondsAt(0, 6); at < 60; at += heartbeatSecondsAt(at, 6)) {
    beats.push(at);
    expect(heartbeatSecondsAt(at, 6) * 3).toBeCloseTo(leaseSecondsAt(at, 6));
  }
  expect(beats.slice(0, 4)).toEqual([2, 4, 6, 8]);
  expect(beats.length).toBe(11);
});
