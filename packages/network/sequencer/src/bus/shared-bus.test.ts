import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import type { Channel } from '../database/database.ts';
import { createSharedBus } from './shared-bus.ts';

/** Two replicas on one channel, and the messages on it. */
async function createReplicas() {
  const clock = new FakeClock();
  const listeners: ((message: string) => void)[] = [];
  const gaps: (() => void)[] = [];
  const messages: { events: string[] }[] = [];
  const line = { isCurrent: true };
  const channel: Channel = {
    async publish(message) {
      messages.push(JSON.parse(message));
      for (const listener of listeners) listener(message);
    },
    async subscribe(onMessage, onGap) {
      listeners.push(onMessage);
      gaps.push(onGap);
      return {
        isCurrent: () => line.isCurrent,
        stop: async () => void listeners.splice(listeners.indexOf(onMessage), 1),
      };
    },
  };
  const errors: string[] = [];
  const [one, two] = [
    await createSharedBus(channel, () => {}, clock),
    await createSharedBus(channel, ({ message }) => errors.push(message), clock),
  ];
  const send = (message: string) => listeners[1]?.(message);
  return { clock, one, two, messages, gaps, send, errors, line };
}

/** Counts the calls of a subscription. */
function count(subscribe: (listener: () => void) => () => void) {
  const heard = { times: 0, stop: () => {} };
  heard.stop = subscribe(() => heard.times++);
  return heard;
}

test('a change is heard here at once, and at other replicas within 50 ms', async () => {
  const { clock, one, two } = await createReplicas();
  const [here, there, other] = [
    count((listener) => one.onTask('a', listener)),
    count((listener) => two.onTask('a', listener)),
    count((listener) => two.onTask('b', listener)),
  ];
  one.publishTask('a');
  expect([here.times, there.times]).toEqual([1, 0]);
  await clock.advance(49);
  expect(there.times).toBe(0);
  await clock.advance(1);
  expect([here.times, there.times, other.times]).toEqual([1, 1, 0]);
});

test('changes within 50 ms are one notification, in which each task is named once', async () => {
  const { clock, one, messages } = await createReplicas();
  for (let round = 0; round < 10; round++) {
    one.publishTask('a');
    one.publishTask('b');
    await clock.advance(4);
  }
  await clock.advance(10);
  expect(messages.map(({ events }) => events)).toEqual([['task:a', 'task:b']]);
  // the next ones wait for their own 50 ms
  one.publishTask('a');
  await clock.advance(49);
  expect(messages).toHaveLength(1);
  await clock.advance(1);
  expect(messages).toHaveLength(2);
});

test('work is announced within 10 ms, and takes waiting changes along', async () => {
  const { clock, one, two, messages } = await createReplicas();
  const work = count((listener) => two.onWork(listener));
  one.publishTask('a');
  one.forwardWork();
  await clock.advance(9);
  expect(work.times).toBe(0);
  await clock.advance(1);
  expect([work.times, messages]).toEqual([1, [expect.objectContaining({ events: ['task:a', 'work'] })]]);
  await clock.advance(100);
  expect(messages).toHaveLength(1);
});

test('work of this process is not sent to others: the long poll decides that', async () => {
  const { clock, one, two, messages } = await createReplicas();
  const heard: (string | undefined)[] = [];
  one.onWork((workflow_id) => heard.push(workflow_id));
  const there = count((listener) => two.onWork(listener));
  one.publishWork('echo');
  await clock.advance(100);
  expect([heard, there.times, messages]).toEqual([['echo'], 0, []]);
});

test('a notification has at most 150 events, which fit into 8000 bytes', async () => {
  const { clock, one, messages } = await createReplicas();
  for (let index = 0; index < 151; index++) one.publishTask(crypto.randomUUID());
  await clock.advance(50);
  expect(messages.map(({ events }) => events.length)).toEqual([150, 1]);
  for (const message of messages) expect(JSON.stringify(message).length).toBeLessThan(8000);
});

test('after a gap every listener looks again', async () => {
  const { two, gaps } = await createReplicas();
  const [task, work] = [count((listener) => two.onTask('a', listener)), count((listener) => two.onWork(listener))];
  gaps[1]?.();
  expect([task.times, work.times]).toEqual([1, 1]);
});

test('nothing is heard after a subscription has ended, and nothing is sent after a stop', async () => {
  const { clock, one, two, messages } = await createReplicas();
  const heard = count((listener) => two.onTask('a', listener));
  heard.stop();
  one.publishTask('a');
  await clock.advance(50);
  expect(heard.times).toBe(0);
  one.publishTask('a');
  one.forwardWork();
  await one.stop();
  await clock.advance(100);
  expect(messages).toHaveLength(1);
});

test.each([
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['null', 'null'],
  ['a text', '"work"'],
  ['no events', '{"from":"other"}'],
  ['events that are no list', '{"from":"other","events":"work"}'],
  ['an event that would end an emitter', '{"from":"other","events":["error"]}'],
  ['stops that are no texts', '{"from":"other","events":[],"stops":[7]}'],
  ['stops that are no list', '{"from":"other","events":[],"stops":"a"}'],
  ['events that are no texts', '{"from":"other","events":[{"task":"a"}]}'],
])('a notification of another form is ignored and counted: %s', async (_, message) => {
  const { two, send, errors } = await createReplicas();
  send(message);
  expect([two.ignored, errors]).toEqual([1, ['A notification of unknown form was ignored (1 so far).']]);
});

test('what is known in a notification of a newer version is heard; the log does not fill', async () => {
  const { two, send, errors } = await createReplicas();
  const heard = count((listener) => two.onTask('a', listener));
  for (let round = 0; round < 100; round++) send('{"from":"newer","events":["task:a","weather"],"more":1}');
  expect([heard.times, two.ignored, errors.length]).toEqual([100, 100, 3]);
});

test('that a miner must stop is heard here at once, and elsewhere apart from the events', async () => {
  const { clock, one, two, messages } = await createReplicas();
  const [here, there, task] = [
    count((listener) => one.onStop('a', listener)),
    count((listener) => two.onStop('a', listener)),
    count((listener) => two.onTask('a', listener)),
  ];
  one.publishStop('a');
  one.publishTask('b');
  expect(here.times).toBe(1);
  await clock.advance(50);
  expect([there.times, task.times]).toEqual([1, 0]);
  // replicas of the version before count events that they do not know
  expect(messages).toEqual([expect.objectContaining({ events: ['task:b'], stops: ['a'] })]);
});

test('keys that have changed are told by the database: those of an owner, or any', async () => {
  const { one, two, send, gaps } = await createReplicas();
  const heard: (string | undefined)[] = [];
  two.onKeys((owner) => heard.push(owner));
  send('{"from":"database","events":[],"keys":"acme"}');
  send('{"from":"database","events":[],"keys":""}');
  gaps[1]?.();
  expect(heard).toEqual(['acme', undefined, undefined]);
  expect([one.ignored, two.ignored]).toEqual([0, 0]);
});

test('it is up as long as its line is known to bring everything', async () => {
  const { one, line } = await createReplicas();
  expect(one.isUp()).toBe(true);
  line.isCurrent = false;
  expect(one.isUp()).toBe(false);
});
