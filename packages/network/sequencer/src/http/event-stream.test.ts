import type { OutputDescription, WorkflowTaskResult } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createBus } from '../bus/bus.ts';
import { followTask } from './event-stream.ts';

/** A stream of a task whose state the test sets. */
function start(status: WorkflowTaskResult['status'] = 'running', lastId?: string) {
  const [clock, bus, ended] = [new FakeClock(), createBus(), new AbortController()];
  const state: WorkflowTaskResult<OutputDescription> = { task_id: 'task', status, workflow_id: 'echo', attempt: 1 };
  let reads = 0;
  const received: unknown[] = [];
  const ids: string[] = [];
  const events = followTask({
    task_id: 'task',
    bus,
    clock,
    signal: ended.signal,
    lastId,
    read: async () => {
      reads++;
      return structuredClone(state);
    },
  });
  const done = (async () => {
    for await (const event of events) {
      received.push(event === 'keep-alive' ? event : (event.state.progress?.percent ?? event.state.status));
      if (event !== 'keep-alive') ids.push(event.id);
    }
    received.push('end');
  })();
  const change = (percent: number) => {
    state.progress = { percent };
    bus.publishTask('task');
  };
  return { clock, bus, ended, state, received, ids, reads: () => reads, change, done };
}

test('a burst of changes within 100 ms is one event, with the last state', async () => {
  const { clock, received, change, reads } = start();
  await clock.advance(1000);
  expect(received).toEqual(['running']);
  const before = reads();
  for (let percent = 1; percent <= 50; percent++) {
    change(percent);
    await clock.advance(2);
  }
  // the first change came at once, the others of 100 ms together
  await clock.advance(100);
  expect(received).toEqual(['running', 1, 50]);
  expect(reads() - before).toBeLessThanOrEqual(3);
});

test('a change while an event is sent is not lost', async () => {
  const { clock, received, change } = start();
  await clock.advance(0);
  change(10);
  await clock.advance(99);
  expect(received).toEqual(['running']);
  await clock.advance(1);
  expect(received).toEqual(['running', 10]);
});

test('the stream ends with the task', async () => {
  const { clock, received, state, bus, done } = start();
  await clock.advance(1000);
  state.status = 'finished';
  bus.publishTask('task');
  await clock.advance(0);
  await done;
  expect(received).toEqual(['running', 'finished', 'end']);
});

test.each(['running', 'waiting'] as const)('a quiet stream is kept open every 3 seconds: %s', async (status) => {
  const { clock, received, reads } = start(status);
  await clock.advance(2999);
  expect(received).toEqual([status]);
  for (let second = 0; second < 12; second++) await clock.advance(1000);
  expect(received.slice(1).length).toBeGreaterThanOrEqual(3);
  expect(new Set(received.slice(1))).toEqual(new Set(['keep-alive']));
  // a comment costs no look
  if (status === 'running') expect(reads()).toBe(1);
  await clock.advance(1000);
  if (status === 'running') expect(reads()).toBe(2);
});

test('the position of a waiting task is looked up every second, and sent if it changed', async () => {
  const { clock, received, state, reads } = start('waiting');
  await clock.advance(100);
  expect([received, reads()]).toEqual([['waiting'], 1]);
  await clock.advance(1000);
  expect([received, reads()]).toEqual([['waiting'], 2]);
  state.queue_position = 3;
  await clock.advance(1000);
  expect([received, reads()]).toEqual([['waiting', 'waiting'], 3]);
});

test('who has the last event gets nothing until the state changes', async () => {
  const first = start();
  await first.clock.advance(0);
  const again = start('running', first.ids[0]);
  await again.clock.advance(0);
  expect(again.received).toEqual([]);
  again.change(7);
  await again.clock.advance(0);
  expect(again.received).toEqual([7]);
});

test('URLs that are signed anew and estimates are no change', async () => {
  const { clock, received, state, bus } = start();
  await clock.advance(1000);
  Object.assign(state, { eta_seconds: 3, result: 'https://signed/1', outputs: [{ url: 'https://signed/2' }] });
  bus.publishTask('task');
  await clock.advance(1000);
  // the list of outputs is new, its URL is not looked at
  expect(received).toEqual(['running', 'running']);
  Object.assign(state, { eta_seconds: 2, result: 'https://signed/3', outputs: [{ url: 'https://signed/4' }] });
  bus.publishTask('task');
  await clock.advance(1000);
  expect(received).toEqual(['running', 'running']);
});

test('a client that disconnects, or a server that closes, ends it at once', async () => {
  const { clock, received, ended, reads, done } = start();
  await clock.advance(100);
  ended.abort();
  await done;
  expect([received, reads()]).toEqual([['running', 'end'], 1]);
});
