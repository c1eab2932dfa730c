import type { OutputDescription, WorkflowTaskResult } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { createBus, createEmitter } from '../../bus/bus.ts';
import { followTasks } from './follow-tasks.ts';

/** A stream of tasks whose states the test sets. Those that are not among the states are unknown. */
function start(
  states: Record<string, string>,
  lastIds: Record<string, string> = {},
  ids = Object.keys(states),
  ends_only = false,
) {
  const emitter = createEmitter();
  const [clock, bus, ended] = [new FakeClock(0), createBus(() => {}, emitter), new AbortController()];
  const tasks = new Map<string, WorkflowTaskResult<OutputDescription>>();
  const set = (task_id: string, status: string, more: object = {}) => {
    tasks.set(task_id, { task_id, status, ...more } as WorkflowTaskResult<OutputDescription>);
    bus.publishTask(task_id);
  };
  for (const [task_id, status] of Object.entries(states)) set(task_id, status);
  const reads: string[][] = [];
  const received: string[] = [];
  const eventIds: string[] = [];
  const events = followTasks({
    tasks: new Map(ids.map((task_id) => [task_id, { last_event_id: lastIds[task_id], ends_only }])),
    bus,
    clock,
    signal: ended.signal,
    read: async (task_ids) => {
      reads.push([...task_ids]);
      return task_ids.map((task_id) => structuredClone(tasks.get(task_id)));
    },
  });
  const done = (async () => {
    for await (const event of events) {
      if (event === 'keep-alive') received.push(event);
      else if ('gone' in event) received.push(`${event.gone} gone`);
      else {
        const { task_id, status, progress } = event.state;
        received.push(`${task_id} ${progress?.percent ?? status}`);
        eventIds.push(event.id);
      }
    }
    received.push('end');
  })();
  return { clock, ended, set, reads, received, eventIds, done, listeners: () => emitter.eventNames().length };
}

test('all states come at once, read together, and the stream ends with the last task', async () => {
  const { clock, received, reads, set, done } = start({ a: 'running', b: 'running' });
  await clock.advance(0);
  expect([received, reads]).toEqual([['a running', 'b running'], [['a', 'b']]]);
  await clock.advance(100);
  set('a', 'finished');
  await clock.advance(0);
  expect(received.slice(2)).toEqual(['a finished']);
  set('b', 'canceled');
  await done;
  expect(received.slice(3)).toEqual(['b canceled', 'end']);
});

test('a task that nobody knows is gone, and the others go on', async () => {
  const { clock, received } = start({ a: 'running' }, {}, ['x', 'a']);
  await clock.advance(0);
  expect(received).toEqual(['x gone', 'a running']);
});

test('changes of one task within 100 ms are one event, and do not hold up those of another', async () => {
  const { clock, received, set, reads } = start({ a: 'running', b: 'running' });
  await clock.advance(1000);
  const before = reads.length;
  for (let percent = 1; percent <= 40; percent++) {
    set('a', 'running', { progress: { percent } });
    if (percent === 20) set('b', 'finished');
    await clock.advance(2);
  }
  expect(received.slice(2)).toEqual(['a 1', 'b finished']);
  await clock.advance(20);
  expect(received.slice(4)).toEqual(['a 40']);
  expect(reads.length - before).toBe(3);
});

test('whoever has the last event of a task gets only what is new', async () => {
  const first = start({ a: 'running', b: 'running' });
  await first.clock.advance(0);
  const [a = ''] = first.eventIds;
  const again = start({ a: 'running', b: 'running' }, { a });
  await again.clock.advance(0);
  expect(again.received).toEqual(['b running']);
  again.set('a', 'running', { progress: { percent: 7 } });
  await again.clock.advance(0);
  expect(again.received).toEqual(['b running', 'a 7']);
});

test('whoever wants to know the ends alone is told nothing else', async () => {
  const { clock, received, set, reads } = start(
    { a: 'running', b: 'waiting', c: 'finished' },
    {},
    ['a', 'b', 'c'],
    true,
  );
  await clock.advance(100);
  set('a', 'running', { progress: { percent: 7 } });
  // nor are positions looked up
  await clock.advance(2000);
  expect([received, reads.length]).toEqual([['c finished'], 2]);
  set('b', 'failed');
  set('a', 'finished');
  await clock.advance(0);
  expect(received).toEqual(['c finished', 'b failed', 'a finished', 'end']);
});

test('a quiet stream says something every three seconds, also while tasks wait', async () => {
  const { clock, received } = start({ a: 'waiting' });
  for (let second = 0; second < 10; second++) {
    const before = received.length;
    await clock.advance(3000);
    expect(received.slice(before)).toContain(second ? 'keep-alive' : 'a waiting');
  }
});

test('positions of waiting tasks are looked up in turn, four a second', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const { clock, reads } = start(Object.fromEntries(ids.map((task_id) => [task_id, 'waiting'])));
  await clock.advance(3000);
  expect(reads.slice(1)).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]);
});

test('running tasks are read every 15 seconds, since news may be lost', async () => {
  const { clock, reads, received } = start({ a: 'running' });
  await clock.advance(14_000);
  expect(reads).toHaveLength(1);
  await clock.advance(1000);
  expect(reads).toHaveLength(2);
  expect(received.filter((text) => text !== 'keep-alive')).toEqual(['a running']);
});

test('a thousand changes at once are read a hundred at a time', async () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `t${index}`);
  const { clock, reads, received } = start(Object.fromEntries(ids.map((task_id) => [task_id, 'running'])));
  await clock.advance(0);
  expect(received).toHaveLength(1000);
  expect(reads.map(({ length }) => length)).toEqual(Array(10).fill(100));
});

test('the end of the caller ends it, and nothing listens any more', async () => {
  const { clock, ended, received, reads, set, done, listeners } = start({ a: 'running', b: 'finished' });
  await clock.advance(100);
  expect(listeners()).toBe(1);
  ended.abort();
  await done;
  set('a', 'finished');
  await clock.advance(20_000);
  expect([received, reads.length, listeners()]).toEqual([['a running', 'b finished', 'end'], 1, 0]);
});
