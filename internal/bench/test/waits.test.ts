// Hundreds of waits of one client cost a few connections and requests. Times are for `npm run bench -- waits`.
import { expect, test } from 'vitest';
import { measureWaits } from '../support/waits.ts';

test('200 waits take 4 connections, and a request for many tasks', async () => {
  const { peakSockets, calls, rssMB } = await measureWaits({ tasks: 200, seconds: 4, mode: 'shared', what: 'wait' });
  expect(peakSockets).toBeLessThanOrEqual(4);
  expect(calls.task_create).toBe(200);
  expect(calls.task_result_query).toBeUndefined();
  expect(calls.task_events).toBeUndefined();
  // each task ends at a moment of its own, and is queried then
  expect(calls.tasks_query).toBeLessThan(250);
  expect(calls.tasks_events).toBeLessThan(20);
  expect(rssMB).toBeLessThan(150);
}, 60_000);

test('200 submits at once take a few calls, as their waits do', async () => {
  const { peakSockets, calls, rssMB } = await measureWaits({ tasks: 200, seconds: 2, mode: 'shared', what: 'run' });
  expect(peakSockets).toBeLessThanOrEqual(4);
  expect([calls.task_create, calls.tasks_create]).toEqual([2, 2]);
  expect(rssMB).toBeLessThan(150);
}, 60_000);
